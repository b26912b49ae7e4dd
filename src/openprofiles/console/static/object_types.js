// The editor of mappings: members are dragged to their places, files are read into the sample. Both only beside what the form does.
(() => {
  "use strict";

  const MOST = 250000;
  let dragged = null;

  const zoneOf = (event) => event.target.closest?.("[data-target]");

  const mark = (zone) => {
    for (const other of document.querySelectorAll(".zone.over")) if (other !== zone) other.classList.remove("over");
    zone?.classList.add("over");
  };

  document.addEventListener("dragstart", (event) => {
    const handle = event.target.closest?.("[data-drags]");
    if (!handle) return;
    dragged = handle;
    event.dataTransfer.effectAllowed = "link";
    event.dataTransfer.setData("text/plain", handle.dataset.name);
    document.body.classList.add("dragging");
  });

  document.addEventListener("dragover", (event) => {
    if (!dragged) return;
    const zone = zoneOf(event);
    // Groups that are closed open for what is dragged onto them.
    event.target.closest?.("details.group:not([open])")?.setAttribute("open", "");
    mark(zone);
    if (!zone) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "link";
  });

  document.addEventListener("drop", (event) => {
    const zone = dragged && zoneOf(event);
    if (!zone) return;
    event.preventDefault();
    const place = zone.dataset.target;
    const input = document.getElementById(`field-${dragged.dataset.drags}-target`);
    // A place that takes any name takes the field's.
    input.value = place.endsWith(".") ? place + dragged.dataset.name : place;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // A button that was pressed takes along what was changed just before: a look at that change alone, which comes a moment later,
  // would put the draft back to where it was.
  document.addEventListener("htmx:config:request", (event) => {
    if (event.detail.ctx.sourceElement.id === "mapping" && document.querySelector("#mapping button.htmx-request")) event.preventDefault();
  });

  document.addEventListener("dragend", () => {
    dragged = null;
    mark(null);
    document.body.classList.remove("dragging");
  });

  document.addEventListener("change", async (event) => {
    const file = event.target.closest?.("[data-reads]");
    if (!file || !file.files.length) return;
    // Only its beginning goes to the service, as text.
    event.stopPropagation();
    const text = await file.files[0].slice(0, MOST).text();
    file.value = "";
    document.getElementById(file.dataset.reads).value = text;
    document.querySelector("button[value=read]").click();
  }, true);
})();
