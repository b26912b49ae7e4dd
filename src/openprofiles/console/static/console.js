// What pages do beyond HTML, each only if it can: everything works without it.
(() => {
  "use strict";

  // Made when there is something to show: it takes a browser longer than all else here.
  let zones;

  // Moments in the reader's zone; the title keeps UTC.
  const showMoments = (root) => {
    for (const element of root.querySelectorAll("time[datetime]:not([data-shown])")) {
      zones ??= new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
      element.textContent = zones.format(new Date(element.dateTime));
      element.dataset.shown = "";
    }
  };

  const offerCopies = (root) => {
    if (!navigator.clipboard) return;
    for (const button of root.querySelectorAll("[data-copies][hidden]")) button.hidden = false;
  };

  const improve = (root) => {
    showMoments(root);
    offerCopies(root);
  };

  const copy = async (button) => {
    const said = button.querySelector("span");
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
    said.textContent = "Copied";
    setTimeout(() => { said.textContent = "Copy"; }, 2000);
  };

  document.addEventListener("click", (event) => {
    const of = (selector) => event.target.closest(selector);
    const opener = of("[data-opens]");
    const closer = of("[data-closes]");
    const copier = of("[data-copies]");
    if (opener) {
      event.preventDefault();
      document.getElementById(opener.dataset.opens).showModal();
    } else if (closer) {
      event.preventDefault();
      document.getElementById(closer.dataset.closes).close();
    } else if (copier) {
      copy(copier);
    }
    // A menu closes when one looks elsewhere.
    for (const menu of document.querySelectorAll("details.dropdown[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  // A file that is too large is told before it is sent.
  document.addEventListener("change", (event) => {
    const input = event.target.closest("input[data-most-bytes]");
    if (!input) return;
    const isTooLarge = [...input.files].some((file) => file.size > Number(input.dataset.mostBytes));
    input.setCustomValidity(isTooLarge ? input.dataset.tooLarge : "");
    input.reportValidity();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.dropdown[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // What htmx puts into the page is improved, too; and a lost connection is said.
  document.addEventListener("htmx:after:swap", () => improve(document));
  document.addEventListener("htmx:error", () => {
    const messages = document.getElementById("messages");
    if (!messages || messages.querySelector("[data-lost]")) return;
    const said = document.createElement("p");
    said.className = "notice error";
    said.dataset.lost = "";
    said.textContent = "The service does not answer. What you typed is still here: try again.";
    messages.append(said);
  });

  improve(document);
})();
