// Customers: what somebody types into a form stays when their session is over meanwhile.
(() => {
  "use strict";

  const tell = (form) => {
    if (form.querySelector("[data-over]")) return;
    const notice = document.createElement("div");
    notice.className = "notice warning lost";
    notice.dataset.over = "";
    notice.setAttribute("role", "alert");
    const text = document.createElement("span");
    text.textContent = "Your session is over. What you typed is still here: sign in in another window, then save again.";
    const link = document.createElement("a");
    link.className = "button small";
    link.href = "/console/sign-in";
    link.target = "_blank";
    link.textContent = "Sign in";
    const again = document.createElement("button");
    again.type = "button";
    again.className = "small";
    again.dataset.resumes = "";
    again.textContent = "Save again";
    notice.append(text, link, again);
    form.prepend(notice);
    link.focus();
  };

  // A form is made for one session: it gets what proves that it is ours from a page of the new one.
  const resume = async (form) => {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const headers = page.body.getAttribute("hx-headers:inherited");
    const field = page.querySelector("main input[name=csrf_token], input[name=csrf_token]");
    if (answer.redirected || !headers || !field) return;
    document.body.setAttribute("hx-headers:inherited", headers);
    for (const proof of document.querySelectorAll("input[name=csrf_token]")) proof.value = field.value;
    form.querySelector("[data-over]").remove();
    form.requestSubmit();
  };

  document.addEventListener("htmx:before:response", (event) => {
    const { ctx } = event.detail;
    const form = ctx.sourceElement.closest("form[data-keeps]");
    if (ctx.response.status !== 401 || !form) return;
    event.preventDefault();
    tell(form);
  });

  document.addEventListener("click", (event) => {
    const again = event.target.closest("[data-resumes]");
    if (again) resume(again.closest("form"));
  });
})();
