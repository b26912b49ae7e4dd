// A form with a large file shows how much of it is sent, and can be left off.
(() => {
  "use strict";

  const end = (form, text) => {
    form.querySelector("[data-sending]").hidden = true;
    form.querySelector("button.primary").hidden = false;
    const said = form.querySelector("[data-said]");
    said.textContent = text;
    said.hidden = !text;
  };

  // What the service answers instead of leading on says what is wrong.
  const show = (answer, form) => {
    const page = new DOMParser().parseFromString(answer, "text/html");
    const main = page.getElementById("main");
    if (!main) return end(form, "The service did not take the file: try again.");
    document.getElementById("main").replaceWith(main);
    document.dispatchEvent(new CustomEvent("htmx:after:swap"));
  };

  const send = (form) => {
    const sending = form.querySelector("[data-sending]");
    const bar = sending.querySelector("progress");
    const share = sending.querySelector("[data-share]");
    const leaveOff = sending.querySelector("button");
    const sent = new FormData(form);
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      bar.max = event.total;
      bar.value = event.loaded;
      share.textContent = `${Math.floor((100 * event.loaded) / event.total)} %`;
    });
    request.addEventListener("load", () => {
      if (request.status < 400) location.assign(request.responseURL);
      else show(request.responseText, form);
    });
    // What is sent whole is the service's, which may begin before anybody hears of it.
    let isSent = false;
    request.upload.addEventListener("load", () => {
      isSent = true;
      leaveOff.disabled = true;
      share.textContent = "100 %: the service looks at it";
    });
    request.addEventListener("error", () => end(form, isSent
      ? "The connection was lost after the file was sent. Load this page again: if its import is not among the others, send the file again."
      : "The connection was lost, and nothing is imported. Send the file again."));
    request.addEventListener("abort", () => end(form, "Nothing is imported."));
    // One handler, of this attempt: a form may be sent again after the connection was lost.
    leaveOff.onclick = () => request.abort();
    leaveOff.disabled = false;
    bar.removeAttribute("value");
    share.textContent = "";
    request.open("POST", form.action);
    request.send(sent);
    form.querySelector("button.primary").hidden = true;
    form.querySelector("[data-said]").hidden = true;
    sending.hidden = false;
    leaveOff.focus();
  };

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-sends]")) return;
    event.preventDefault();
    send(event.target);
  });
})();
