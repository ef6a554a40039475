// Uploads: too much is told before it is sent, and how far it has come while it is.
"use strict";
(() => {
  const form = document.getElementById("audit");
  const large = document.getElementById("large"), sending = document.getElementById("sending");
  const files = form.elements.files;
  const sized = (bytes) => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`);

  function tooLarge() {
    const whole = [...files.files].reduce((sum, file) => sum + file.size, 0);
    const most = Number(form.dataset.most);
    large.hidden = whole <= most;
    large.textContent = form.dataset.large.replace("{size}", sized(whole)).replace("{most}", sized(most));
    return whole > most;
  }

  files.addEventListener("change", tooLarge);
  form.addEventListener("submit", (event) => {
    if (!files.files.length) return;
    event.preventDefault();
    if (tooLarge()) return;
    const request = new XMLHttpRequest(), button = form.querySelector("button.strong");
    const [bar, told] = sending.children;
    sending.hidden = false; button.disabled = true;
    request.upload.addEventListener("progress", (at) => {
      if (!at.lengthComputable) return;
      bar.value = at.loaded / at.total;
      told.textContent = form.dataset.sending.replace("{part}", `${Math.floor((100 * at.loaded) / at.total)} %`);
    });
    request.addEventListener("load", () => {
      if (request.status < 300) { location.assign("/audits"); return; }
      const answer = new DOMParser().parseFromString(request.responseText, "text/html");
      const why = answer.querySelector(".refused:not([hidden]), main p");
      large.textContent = (why || answer.body).textContent;
      large.hidden = false; sending.hidden = true; button.disabled = false;
    });
    request.addEventListener("error", () => { form.submit(); });
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
})();
