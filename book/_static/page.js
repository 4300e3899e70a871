// Fixes for the theme's scripts, on every page.
(() => {
  const root = document.documentElement;

  // A printed page uses the light theme and has every image, because WebKit does not print a lazy
  // image that has not been visible.
  let theme = "";
  const setPrint = (on) => {
    if (on) {
      theme ||= root.dataset.theme;
      root.dataset.theme = "light";
    } else if (theme) {
      root.dataset.theme = theme;
      theme = "";
    }
  };
  addEventListener("beforeprint", () => setPrint(true));
  addEventListener("afterprint", () => setPrint(false));
  matchMedia("print").addEventListener("change", ({ matches }) => setPrint(matches));
  const load = () => {
    for (const image of document.querySelectorAll("img[loading]:not(.motion img)"))
      image.loading = "eager";
  };
  addEventListener("beforeprint", load);
  if (navigator.vendor.startsWith("Apple")) addEventListener("load", load); // prints without waiting for images

  // The theme blurs a clicked button to hide its tooltip, which would lose the focus.
  const toggles = [".primary-toggle", ".secondary-toggle"].map((name) =>
    document.querySelector(name),
  );
  for (const button of document.querySelectorAll(
    ".sidebar-toggle, .theme-switch-button, .search-button",
  ))
    button.blur = () => window.bootstrap?.Tooltip.getInstance(button)?.hide();

  // An iPhone supports full screen only for videos.
  if (!root.requestFullscreen && !root.webkitRequestFullscreen)
    document.querySelector(".btn-fullscreen-button")?.setAttribute("hidden", "");

  // A drawer closes when an entry is chosen, whose section gets the focus, and on Escape, for which
  // sphinx_highlight.js prevents the browser's own action.
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

  // The search lists a page twice under the same title if an index entry matches: add the entry.
  const results = document.getElementById("search-results");
  const label = () => {
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
  if (results) new MutationObserver(label).observe(results, { childList: true, subtree: true });

  // The policy forbids javascript: links.
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".highlight-link")) return;
    event.preventDefault();
    SphinxHighlight.hideSearchWords();
  });
})();
