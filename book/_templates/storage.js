// If the browser refuses storage, values are kept as long as the page is open.
for (const name of ["localStorage", "sessionStorage"]) {
  const kept = new Map();
  try {
    for (const entry of Object.entries(window[name])) kept.set(...entry);
    window[name].setItem("test", "");
    window[name].removeItem("test");
  } catch {
    const substitute = {
      getItem: (key) => kept.get(String(key)) ?? null,
      setItem: (key, value) => void kept.set(String(key), String(value)),
      removeItem: (key) => void kept.delete(String(key)),
    };
    Object.defineProperty(window, name, { value: substitute });
  }
}
