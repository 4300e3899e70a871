    // Where the browser refuses to store anything, what is stored lasts as long as the page.
    for (const name of ["localStorage", "sessionStorage"]) {
      const kept = new Map();
      try {
        Object.entries(window[name]).forEach(([key, value]) => kept.set(key, value));
        window[name].setItem("test", "");
        window[name].removeItem("test");
      } catch {
        const value = {
          getItem: (key) => kept.get(String(key)) ?? null,
          setItem: (key, value) => void kept.set(String(key), String(value)),
          removeItem: (key) => void kept.delete(String(key)),
        };
        Object.defineProperty(window, name, { value });
      }
    }
