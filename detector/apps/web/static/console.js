// Live updates, keys and small comforts. Every page works without it.
"use strict";
(() => {
  const body = document.body;
  const pulse = document.getElementById("pulse");
  const parts = (body.dataset.refresh || "").split(",").filter(Boolean);
  const MOST_OFTEN_MS = 1500;
  let seen = Number(body.dataset.seq || 0), wanted = false, busy = false, last = 0;

  function say(state) {
    if (!pulse) return;
    pulse.className = "pulse " + state;
    pulse.textContent = pulse.dataset[state] || "";
  }

  // whether somebody is at work in a part: an opened form, or a field that was filled in
  function used(part) {
    if (!part.querySelector("form")) return false;
    if (part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return true;
    if (part.querySelector("details[open]")) return true;
    const changed = (field) => field.options ? [...field.options].some((o) => o.selected !== o.defaultSelected && o.index) : field.value !== field.defaultValue;
    return [...part.querySelectorAll("textarea, select, input:not([type=hidden])")].some(changed);
  }

  // take the named parts of the page anew; what has the focus keeps it
  async function refresh() {
    if (busy) { wanted = true; return; }
    busy = true; wanted = false;
    await new Promise((done) => setTimeout(done, Math.max(0, last + MOST_OFTEN_MS - Date.now())));
    last = Date.now();
    try {
      const answer = await fetch(location.href, { headers: { "x-live": "1" } });
      if (answer.redirected && new URL(answer.url).pathname === "/login") { location.reload(); return; }
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        const focus = document.activeElement && document.activeElement.id;
        for (const part of parts) {
          const now = document.querySelector(part), then = fresh.querySelector(part);
          if (now && then && now.outerHTML !== then.outerHTML && !used(now)) {
            now.replaceWith(document.adoptNode(then));
            if (window.htmx) htmx.process(then);
          }
        }
        document.title = fresh.title;
        const again = focus && document.getElementById(focus);
        if (again && document.activeElement !== again) again.focus({ preventScroll: true });
      }
    } catch { say("lost"); }
    busy = false;
    if (wanted) refresh();
  }

  if (pulse && window.EventSource) {
    const events = new EventSource("/events?after=" + seen);
    events.onopen = () => { if (pulse.classList.contains("lost") && parts.length) refresh(); say("live"); };
    events.onerror = () => say("lost");
    events.addEventListener("changed", (event) => {
      if (Number(event.data) > seen) { seen = Number(event.data); if (parts.length) refresh(); }
    });
    addEventListener("pagehide", () => events.close());
  }

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select")) return;
    const rows = [...document.querySelectorAll("a.row")];
    const at = rows.indexOf(document.activeElement);
    if (event.key === "j" && rows.length) rows[Math.min(at + 1, rows.length - 1)].focus();
    else if (event.key === "k" && rows.length) rows[Math.max(at - 1, 0)].focus();
    else if (event.key === "/" && document.getElementById("q")) { document.getElementById("q").focus(); event.preventDefault(); }
  });

  // filters take effect when they are chosen
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form.filter");
    if (form && event.target.type !== "search") form.requestSubmit();
  });
})();
