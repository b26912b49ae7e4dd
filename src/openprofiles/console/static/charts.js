// Moments along charts in the reader's zone; without scripts they are in UTC, as the page says.
(() => {
  "use strict";

  const day = { day: "numeric", month: "short" };
  const hour = { hour: "2-digit", minute: "2-digit" };
  const formats = Object.fromEntries(
    Object.entries({ day, hour, all: { ...day, ...hour } }).map(([name, parts]) => [name, new Intl.DateTimeFormat(undefined, parts)]),
  );

  const improve = () => {
    for (const element of document.querySelectorAll("[data-moment]:not([data-shown])")) {
      element.textContent = formats[element.dataset.tells].format(new Date(element.dataset.moment));
      element.dataset.shown = "";
    }
  };

  document.addEventListener("htmx:after:swap", improve);
  improve();
})();
