// An addition to the pages of the desk: keyboard shortcuts, and the browser's part of a security key.
// Every page works without it. No requests, nothing stored, no page is built here.
"use strict";
(() => {
  const page = document;
  const all = selector => [...page.querySelectorAll(selector)];

  // --- security keys: what the page asks for goes to the browser, what the key says goes into the form
  const bytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), sign => sign.charCodeAt(0));
  const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = list => list.map(one => ({ ...one, id: bytes(one.id) }));

  const asked = options => {
    const ask = { ...options, challenge: bytes(options.challenge) };
    if (ask.user) ask.user = { ...ask.user, id: bytes(ask.user.id) };
    if (ask.excludeCredentials) ask.excludeCredentials = known(ask.excludeCredentials);
    if (ask.allowCredentials) ask.allowCredentials = known(ask.allowCredentials);
    return ask;
  };
  const answered = ({ id, rawId, type, response }) => {
    const told = { clientDataJSON: text(response.clientDataJSON) };
    if (response.attestationObject) {
      told.attestationObject = text(response.attestationObject);
      told.transports = response.getTransports ? response.getTransports() : [];
    } else {
      told.authenticatorData = text(response.authenticatorData);
      told.signature = text(response.signature);
    }
    return JSON.stringify({ id, rawId: text(rawId), type, response: told });
  };
  for (const form of window.PublicKeyCredential && navigator.credentials ? all("form[data-ask]") : []) {
    const failed = form.querySelector("[data-failed]");
    form.hidden = false;
    for (const other of all("[data-without]")) other.hidden = true;
    form.addEventListener("submit", async event => {
      event.preventDefault();
      failed.hidden = true;
      try {
        const publicKey = asked(JSON.parse(form.dataset.options));
        form.elements.answer.value = answered(await navigator.credentials[form.dataset.ask]({ publicKey }));
      } catch {
        failed.hidden = false;
        failed.focus();
        return;
      }
      form.submit();
    });
  }

  // --- shortcuts: only where the account has them on, never while somebody types, never with a modifier
  if (!("shortcuts" in page.body.dataset)) return;
  page.body.classList.add("lettered");
  // Rows come without letters: small pages.
  for (const [key, way] of [["a", "take"], ["t", "triage"], ["r", "prepared"]]) {
    for (const one of all(`.row :is([href$="/${way}/"], [formaction$="/${way}/"])`)) one.dataset.key = key;
  }
  for (const one of all("[data-key]")) one.setAttribute("aria-keyshortcuts", one.dataset.key);

  const move = step => {
    const rows = all(".row").filter(row => row.getClientRects().length);
    const here = rows.indexOf(page.activeElement.closest(".row"));
    const row = rows[here < 0 ? 0 : Math.min(Math.max(here + step, 0), rows.length - 1)];
    if (!row) return;
    if (!row.hasAttribute("tabindex")) row.tabIndex = -1;
    row.focus();
    row.scrollIntoView({ block: "nearest" });
  };
  const list = () => {
    const shortcuts = page.getElementById("shortcuts");
    if (!shortcuts) return;
    shortcuts.open = true;
    shortcuts.querySelector("summary").focus();
  };
  const act = (key, row) => {
    const found = selector => [...(selector.querySelectorAll(`[data-key="${key}"]`))];
    const one = (row && found(row)[0]) || found(page).find(each => !each.closest(".row"));
    if (!one) return false;
    // What is kept asks for a second press.
    if (one.matches("input, select, textarea") || (one.matches("[data-twice]") && one !== page.activeElement)) one.focus();
    else one.click();
    return true;
  };
  // Other alphabets have other letters on the same keys: the place of the key decides there.
  const letter = event => /^[a-z?]$/.test(event.key) ? event.key : event.key === "؟" ? "?"
    : /^Key[A-Z]$/.test(event.code) && /[^\x00-\x7f]/.test(event.key) ? event.code.slice(3).toLowerCase() : "";

  page.addEventListener("keydown", event => {
    const on = event.target;
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (on.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
    const row = on.closest(".row");
    const key = letter(event);
    if (event.key === "Enter" && on === row && !event.shiftKey) {
      const link = row.querySelector("a[href]");
      if (link) { event.preventDefault(); link.click(); }
    } else if (key === "?") { event.preventDefault(); list(); }
    else if (!key || event.shiftKey) return;
    else if (key === "j" || key === "k") { event.preventDefault(); move(key === "j" ? 1 : -1); }
    else if (!event.repeat && act(key, row)) event.preventDefault();
  });
})();
