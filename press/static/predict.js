/* What a reader predicts before the answer is shown: judged here, by what the page holds (press/predictions.py), and kept
   in this browser as long as the question is the same. */
(() => {
  "use strict";
  const { readNumber } = globalThis.pgNumbers; // numbers.js

  const mark = (sign, text) => {
    const made = document.createElement("span");
    made.className = "pg-mark";
    made.textContent = sign;
    return [made, ` ${text}`];
  };

  /* One question: `answer` is what is given, or undefined, `told` what an answer is told. */
  class NumberQuestion {
    constructor(box, rule) {
      this.rule = rule;
      this.field = box.querySelector("input");
      this.controls = [this.field];
    }
    get answer() { return this.field.value.trim() || undefined; }
    set answer(text) { this.field.value = text ?? ""; }
    /* Why the answer cannot be taken, or "". */
    get problem() { return this.answer === undefined ? "" : readNumber(this.answer).problem ?? ""; }
    get isRight() { return Math.abs(readNumber(this.answer).number - this.rule.number) <= this.rule.within * (1 + 1e-9); } // 0.505 is 0.005 from 0.5
    get right() { return [this.rule.shown]; }
  }

  class ChoiceQuestion {
    constructor(box, rule) {
      this.rule = rule;
      this.controls = [...box.querySelectorAll("input")];
    }
    get answer() {
      const chosen = this.controls.filter((control) => control.checked).map((control) => Number(control.value));
      return chosen.length ? chosen : undefined;
    }
    set answer(chosen) { for (const control of this.controls) control.checked = Boolean(chosen?.includes(Number(control.value))); }
    get problem() { return ""; }
    get isRight() { return String(this.answer) === String([...this.rule.right].sort((one, other) => one - other)); }
    /* Mark what is right, and what was chosen and is not; or nothing. */
    show(isMade) {
      this.controls.forEach((control, place) => {
        const isRight = this.rule.right.includes(place);
        const outcome = isRight ? "right" : control.checked ? "wrong" : "";
        control.closest(".pg-option").dataset.outcome = isMade ? outcome : "";
      });
    }
    get right() {
      return this.rule.right.flatMap((place, count) => [
        count ? ", " : "", ...this.controls[place].nextElementSibling.firstElementChild.cloneNode(true).childNodes,
      ]);
    }
  }

  class Prediction {
    constructor(form) {
      this.form = form;
      this.status = form.querySelector(".pg-task-status");
      this.commit = form.querySelector('[type="submit"]');
      this.again = form.querySelector(".pg-predict-again");
      this.block = form.closest(".predict")?.querySelector("details.predict-answer");
      const { asks, questions } = JSON.parse(form.querySelector(".pg-predict-data").textContent);
      this.asks = asks;
      this.boxes = [...form.querySelectorAll(".pg-question")];
      this.questions = questions.map((rule, place) => new ("number" in rule ? NumberQuestion : ChoiceQuestion)(this.boxes[place], rule));
      const page = location.pathname.replace(/(index)?(\.html)?$/, "");
      this.key = `pg-predict ${page} ${form.dataset.number}`;
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.judge();
      });
      this.again.addEventListener("click", () => this.forget());
      this.block?.addEventListener("toggle", () => this.tell());
      const answers = this.kept();
      if (answers) {
        this.questions.forEach((question, place) => { question.answer = answers[place] ?? undefined; });
        this.isMade = this.questions.some((question) => question.answer !== undefined) && !this.questions.some((question) => question.problem);
      }
      this.tell();
    }

    kept() {
      try {
        const kept = JSON.parse(localStorage.getItem(this.key));
        return kept?.asks === this.asks && Array.isArray(kept.answers) ? kept.answers : null;
      } catch {
        return null;
      }
    }

    keep(answers) {
      try {
        if (answers) localStorage.setItem(this.key, JSON.stringify({ asks: this.asks, answers }));
        else localStorage.removeItem(this.key);
      } catch { /* a private window, or no room */ }
    }

    judge() {
      if (this.isMade || this.commit.hidden) return;
      const wrong = this.questions.find((question) => question.problem);
      if (wrong || this.questions.every((question) => question.answer === undefined)) {
        this.status.textContent = wrong?.problem ?? "Predict something first: a guess will do.";
        (wrong ?? this.questions[0]).controls[0].focus();
        return;
      }
      this.isMade = true;
      this.keep(this.questions.map(({ answer }) => answer ?? null));
      if (this.block) this.block.open = true;
      this.tell();
      this.again.focus();
    }

    forget() {
      this.isMade = false;
      this.keep(null);
      for (const question of this.questions) question.answer = undefined;
      if (this.block) this.block.open = false;
      this.tell();
      this.questions[0].controls[0].focus();
    }

    /* Show what there is: a form, or what was predicted beside what is right. Who has the answer open predicts nothing. */
    tell() {
      const isLost = !this.isMade && Boolean(this.block?.open);
      const right = this.isMade ? this.questions.filter((question) => question.answer !== undefined && question.isRight) : [];
      this.questions.forEach((question, place) => {
        const said = this.boxes[place].querySelector(".pg-predicted");
        said.hidden = !this.isMade;
        for (const control of question.controls) control.disabled = this.isMade;
        question.show?.(this.isMade);
        if (!this.isMade) return;
        const hit = right.includes(question);
        said.classList.toggle("is-hit", hit);
        said.replaceChildren(...(hit ? mark("✓", "As you predicted: ") : mark("→", question.answer === undefined ? "You left it open. It is: " : "It is: ")), ...question.right, ".");
      });
      this.commit.hidden = this.isMade || isLost;
      this.again.hidden = !this.isMade && !isLost;
      const all = this.questions.length;
      if (isLost) this.status.textContent = "The answer is open. Start again closes it, and you can predict.";
      else if (!this.isMade) this.status.textContent = "";
      else if (all === 1) this.status.textContent = right.length ? "That is right." : "It is otherwise: the answer below says why.";
      else this.status.textContent = `${right.length} of ${all} are as you predicted. The answer below says why.`;
    }
  }

  globalThis.pgPredict = { NumberQuestion };
  globalThis.document?.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("form.pg-predict")) new Prediction(form);
  });
})();
