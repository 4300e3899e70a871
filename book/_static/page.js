// What the theme's scripts leave undone, on every page.
(() => {
  const root = document.documentElement;

  // Paper is light whatever the screen is, and shows every image: WebKit prints none that is lazy
  // and has not been in sight.
  let theme = "";
  const paper = (on) => {
    if (on) {
      theme ||= root.dataset.theme;
      root.dataset.theme = "light";
    } else if (theme) {
      root.dataset.theme = theme;
      theme = "";
    }
  };
  addEventListener("beforeprint", () => paper(true));
  addEventListener("afterprint", () => paper(false));
  matchMedia("print").addEventListener("change", ({ matches }) => paper(matches));
  const load = () => {
    for (const image of document.querySelectorAll("img[loading]:not(.motion img)"))
      image.loading = "eager";
  };
  addEventListener("beforeprint", load);
  if (navigator.vendor.startsWith("Apple")) addEventListener("load", load); // does not wait for them

  // The theme takes the focus from a button that is clicked, to hide its tip.
  const toggles = [".primary-toggle", ".secondary-toggle"].map((name) =>
    document.querySelector(name),
  );
  for (const button of document.querySelectorAll(
    ".sidebar-toggle, .theme-switch-button, .search-button",
  ))
    button.blur = () => window.bootstrap?.Tooltip.getInstance(button)?.hide();

  // An iPhone fills the screen with films only.
  if (!root.requestFullscreen && !root.webkitRequestFullscreen)
    document.querySelector(".btn-fullscreen-button")?.setAttribute("hidden", "");

  // A drawer closes when an entry is chosen, which gets the focus, and on Escape, wherever the focus is:
  // sphinx_highlight.js prevents what the browser does on Escape.
  const drawers = ["primary", "secondary"].map((side) =>
    document.getElementById(`pst-${side}-sidebar-modal`),
  );
  drawers.forEach((drawer, i) => {
    let chosen = null;
    drawer?.addEventListener("click", ({ target }) => {
      chosen = target.closest("a");
      if (chosen) drawer.close();
    });
    drawer?.addEventListener("close", () =>
      setTimeout(() => {
        const section = chosen && document.getElementById(decodeURIComponent(chosen.hash.slice(1)));
        section?.setAttribute("tabindex", -1);
        (section ?? toggles[i])?.focus({ preventScroll: true });
        chosen = null;
      }),
    );
  });
  const close = ({ key }) => key === "Escape" && document.querySelector("dialog[open]")?.close();
  addEventListener("keydown", close, true);

  // The search lists a page again, under the same title, for an entry of its index: say for which.
  const results = document.getElementById("search-results");
  const tell = () => {
    const links = [...results.querySelectorAll("li > a")];
    const shown = links.map(({ pathname, textContent }) => `${pathname} ${textContent}`);
    links.forEach((link, i) => {
      const isTwice = shown.indexOf(shown[i]) !== shown.lastIndexOf(shown[i]);
      const name = decodeURIComponent(link.hash)
        .replace(/^#(term-)?/, "")
        .replaceAll("-", " ");
      if (isTwice && name) link.append(` > ${name}`);
    });
  };
  if (results) new MutationObserver(tell).observe(results, { childList: true, subtree: true });

  // The policy forbids links that are scripts.
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".highlight-link")) return;
    event.preventDefault();
    SphinxHighlight.hideSearchWords();
  });
})();
