// Single keys for those who decide about many matches: what has data-key="m" is pressed by M.
(() => {
  "use strict";

  const KEPT = "openprofiles-single-keys";
  const root = document.documentElement;
  const isOn = () => localStorage.getItem(KEPT) !== "off";

  const show = () => {
    root.toggleAttribute("data-keyed", isOn());
    for (const legend of document.querySelectorAll("[data-keys]")) {
      legend.hidden = false;
      legend.querySelector("[data-keys-switch]").setAttribute("aria-pressed", String(isOn()));
    }
  };

  const isTyping = (element) =>
    element.isContentEditable || element.matches("select, textarea, input:not([type=radio], [type=checkbox])");

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-keys-switch]")) return;
    localStorage.setItem(KEPT, isOn() ? "off" : "on");
    show();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
    if (!isOn() || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const wanted = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!wanted) return;
    event.preventDefault();
    wanted.focus();
    wanted.click();
  });

  // A decision is sent once, however often one presses.
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "decide") return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => {
    delete document.getElementById("decide")?.dataset.sent;
  });

  root.dataset.scripted = "";
  show();
})();
