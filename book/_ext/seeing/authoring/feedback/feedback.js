// The forms of the directive `feedback`. Nothing leaves the page before the reader presses Send, and
// the reader's input is never interpreted as HTML.
(() => {
  const words = JSON.parse(document.getElementById("book-words")?.textContent ?? "{}");
  const _ = (text) => words[text] ?? text; // translations are in the page (delivery/words.py)

  for (const form of document.querySelectorAll("form.feedback")) {
    const { section, service, key, issue } = form.dataset;
    const { face, text } = form.elements;
    const button = form.querySelector("button");
    const status = form.querySelector("[role=status]");
    const answer = () => JSON.stringify([face.value, text.value]);
    let done; // the last answer that arrived
    let busy = false;

    // Not `disabled`, which would take the focus away from keyboard users.
    const refresh = () => button.setAttribute("aria-disabled", busy || answer() === done);

    async function post() {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 10000);
      const headers = { "Content-Type": "application/json" };
      if (key) headers["X-User-Key"] = key;
      const body = JSON.stringify({
        button_name: face.value,
        feedback: text.value,
        section_id: section,
        timestamp_utc: new Date().toISOString().slice(0, -1), // as Python's utcnow() writes it
      });
      const reply = await fetch(service, {
        method: "POST",
        headers,
        body,
        signal: stop.signal,
      }).catch(() => {
        throw Error(
          stop.signal.aborted
            ? _("no answer within 10 seconds")
            : _("the service cannot be reached"),
        );
      });
      const result = await reply.json().catch(() => ({}));
      if (!reply.ok || result.status !== "success")
        throw Error(`${_("the service did not accept it")} (${reply.status})`);
      status.textContent = _("Thank you, this has arrived.");
    }

    function open() {
      const choice = form.querySelector(":checked").parentNode.querySelector("span > :last-child");
      const happened = `${choice.textContent}\n\n${text.value}`;
      const link = document.createElement("a");
      link.href = `${issue}&happened=${encodeURIComponent(happened)}`;
      if (link.href.length > 8000) throw Error(_("the text is too long for a link"));
      link.target = "_blank";
      link.rel = "noopener";
      link.textContent = _("Open it again");
      const next = _("The issue is filled in, in another tab. Look at it and submit it there.");
      status.replaceChildren(`${next} `, link);
      link.click();
    }

    form.addEventListener("input", refresh);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const given = answer();
      if (busy || given === done) return;
      busy = true;
      refresh();
      status.textContent = _("Sending …");
      try {
        await (service ? post() : open());
        done = given;
      } catch (error) {
        const kept = _("What you wrote is still here; please try again.");
        status.textContent = `${_("Not sent:")} ${error.message}. ${kept}`;
      }
      busy = false;
      refresh();
    });

    form.hidden = false;
    if (issue) form.nextElementSibling.hidden = true;
  }
})();
