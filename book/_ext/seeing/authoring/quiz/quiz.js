// Checks the reader's answer, explains why it is right or wrong, and stores it on this device.
(() => {
  // In other languages than English the page contains the translations (delivery/words.py).
  const translated = JSON.parse(document.getElementById("book-words")?.textContent ?? "{}");
  const _ = (text) => translated[text] ?? text;

  // All numbers that a text can mean in any country's format: 1,571 is 1571 in some and 1.571 in
  // others. A mark before groups of three digits (two in India, except the last group) separates
  // thousands; a comma or a point may be the decimal mark.
  const digit = (character) => {
    let value = 0;
    while (/\p{Nd}/u.test(String.fromCodePoint(character.codePointAt() - value - 1))) value++;
    return value % 10;
  };
  const plain = (text) =>
    text
      .normalize("NFKC")
      .replace(/\p{Nd}/gu, digit)
      .trim()
      .replace(/[\s'’٬_]/g, " ")
      .replace("٫", ",")
      .replace(/^[-−‐‑–—] ?/, "-")
      .replace(/^\+ ?/, "")
      .replace(/e\+?−?(?=\d)/i, (mark) => (mark.endsWith("−") ? "e-" : "e"));
  const MARKS = [
    [".", ","],
    [".", " "],
    [",", "."],
    [",", " "],
  ]; // of decimals, of thousands
  const digitsOf = (body, [decimal, group]) => {
    const [whole, part = "", ...more] = body.split(decimal);
    const grouped = new RegExp(`^[1-9]\\d{0,2}(\\${group}\\d{2,3})*\\${group}\\d{3}$`);
    const isWhole = /^\d*$/.test(whole) || grouped.test(whole);
    const isNumber = isWhole && /^\d*$/.test(part) && /\d/.test(whole + part);
    return isNumber && !more.length ? [`${whole.replaceAll(group, "")}.${part}`] : [];
  };
  const numbersIn = (text) => {
    const [, sign, body = "", power = "e0"] = /^(-?)(.*?)(e-?\d+)?$/i.exec(plain(text)) ?? [];
    const found = MARKS.flatMap((marks) => digitsOf(body, marks));
    return [...new Set(found.map((digits) => +`${sign}${digits}${power}`))];
  };
  // An unambiguous form of a number: without thousands separators, and never three decimals.
  const written = (number) =>
    String(number)
      .replace("-", "−")
      .replace(/\.\d{3}$/, "$&0");
  const ROOM = 30; // how many times larger or smaller than the answers a number may be, below √1000

  // Settings, private windows and local files may refuse storage; then nothing is stored.
  const storage = (action, ...what) => {
    try {
      return localStorage[action](...what);
    } catch {
      return null;
    }
  };

  for (const quiz of document.querySelectorAll("form.quiz")) {
    const key = `quiz ${location.pathname}#${quiz.id}`;
    const { answer } = quiz.elements; // the field, or all radio buttons
    const answers = quiz.querySelector(".quiz-answers");
    const feedback = quiz.querySelector(".quiz-feedback");
    const whys = [...quiz.querySelectorAll(".quiz-why")];
    const isNumber = "tolerance" in quiz.dataset;

    const say = (right, ...content) => {
      feedback.dataset.right = right;
      feedback.replaceChildren(...content);
    };

    // Of these numbers, the likely ones: near the answers, and whole if all answers are.
    const sizes = whys.map(({ dataset }) => Math.abs(dataset.answer)).filter(Boolean);
    const isWhole =
      whys.every(({ dataset }) => dataset.answer % 1 === 0) && !+quiz.dataset.tolerance;
    const isLikely = (number) =>
      Math.abs(number) >= Math.min(...sizes) / ROOM &&
      Math.abs(number) <= Math.max(...sizes) * ROOM &&
      (!isWhole || number % 1 === 0);
    const meant = () => {
      const found = numbersIn(answer.value);
      const likely = found.filter(isLikely);
      return likely.length ? likely : found.slice(0, 1);
    };

    const isGiven = ({ dataset }, number) => {
      if (!isNumber) return dataset.answer === answer.value;
      const room = +quiz.dataset.tolerance + 1e-12 * Math.abs(dataset.answer);
      return Math.abs(number - dataset.answer) <= room;
    };

    // The reason why the answer cannot be checked, or "".
    const problem = (number, other) => {
      if (!isNumber) return answer.value ? "" : _("Choose an answer first.");
      if (number === undefined) return _("Type a number, such as 1234 or 0.5.");
      if (other === undefined) return "";
      const [one, two] = [number, other].map(written);
      const either = _("This can be {one} or {two}: write one of these.");
      return either.replace("{one}", one).replace("{two}", two);
    };
    const explain = (number) => {
      const why = whys.find((one) => isGiven(one, number));
      if (!why) {
        say("false", _("No, it is a different number. Try again, or look at the answers below."));
        return;
      }
      const copy = why.cloneNode(true);
      for (const named of copy.querySelectorAll("[id]")) named.removeAttribute("id");
      say(why.dataset.right, ...copy.childNodes);
    };
    const check = () => {
      const [number, other] = isNumber ? meant() : [];
      const words = problem(number, other);
      if (words) {
        say("", words);
        return;
      }
      storage("setItem", key, answer.value);
      explain(number);
      if (feedback.dataset.right === "false") answers.hidden = false; // so that no reader is stuck
    };

    const start = () => {
      say("");
      answers.hidden = true;
      answers.open = false;
    };

    quiz.addEventListener("submit", check);
    quiz.addEventListener("input", () => say("")); // the feedback is about the previous answer
    quiz.addEventListener("reset", () => {
      storage("removeItem", key);
      start();
    });

    quiz.querySelector(".quiz-controls").hidden = false;
    start();
    const remembered = storage("getItem", key);
    if (remembered !== null) {
      answer.value = remembered;
      check();
    }
  }
})();
