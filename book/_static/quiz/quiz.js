// Checks what the reader answers, says why it is right or wrong, and remembers it on this device.
(() => {
  const numberIn = (text) => {
    const plain = text.replace(/\s/g, "").replace("−", "-");
    const written = /^[-+]?(\d{1,3}(,\d{3})+|\d*)(\.\d*)?(e[-+]?\d+)?$/i.test(plain);
    return written ? parseFloat(plain.replace(/,/g, "")) : NaN;
  };

  // Settings, private windows and files may refuse storage; then nothing is remembered.
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

    const isGiven = ({ dataset }) => {
      if (!isNumber) return dataset.answer === answer.value;
      const room = +quiz.dataset.tolerance + 1e-12 * Math.abs(dataset.answer);
      return Math.abs(numberIn(answer.value) - dataset.answer) <= room;
    };

    const check = () => {
      if (isNumber ? isNaN(numberIn(answer.value)) : !answer.value) {
        say("", isNumber ? "Type a number, such as 1,234 or 0.5." : "Choose an answer first.");
        return;
      }
      storage("setItem", key, answer.value);
      const why = whys.find(isGiven);
      if (why) {
        const copy = why.cloneNode(true);
        copy.querySelectorAll("[id]").forEach((named) => named.removeAttribute("id"));
        say(why.dataset.right, ...copy.childNodes);
      } else {
        say("false", "No: it is another number. Try again, or look at the answers below.");
      }
      if (feedback.dataset.right === "false") answers.hidden = false; // nobody is left stuck
    };

    const start = () => {
      say("");
      answers.hidden = true;
      answers.open = false;
    };

    quiz.addEventListener("submit", check);
    quiz.addEventListener("input", () => say("")); // what was said is of another answer
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
