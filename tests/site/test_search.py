"""Readers find what they look for."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from .conftest import NO_PAGE, site_pages, sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import Site

GLOSSARY = "book/reference/glossary.html"
# What a course on this subject is searched for, beside the titles of its pages, and a page that tells it.
TERMS = {
    "trajectory": "book/setting/decision-processes.html",
    "Markov": "book/setting/decision-processes.html",
    "objective": "book/setting/decision-processes.html",
    "return": "book/setting/decision-processes.html",
    "reward": "book/setting/decision-processes.html",
    "gradient ascent": "book/setting/gradient-ascent.html",
    "likelihood ratio": "book/trajectory-form/likelihood-ratio.html",
    "estimate": GLOSSARY,
    "importance sampling": "book/trajectory-form/sample-estimate.html",
    "REINFORCE": "book/trajectory-form/sample-estimate.html",
    "state distribution": GLOSSARY,
    "action value": GLOSSARY,
    "actor-critic": "book/state-action-form/from-q-to-samples.html",
    "causality": "book/one-gradient/causality.html",
    "baseline": "book/one-gradient/baselines-and-variance.html",
    "variance": "book/one-gradient/baselines-and-variance.html",
    "GAE": "book/one-gradient/baselines-and-variance.html",
    "discount": "book/one-gradient/discounting.html",
    "log-derivative": "book/reference/questions.html",
    "Williams": "book/reference/bibliography.html",
    "Sutton": "book/reference/bibliography.html",
}
# What learners type, and the page that must come first.
FIRST = {
    "gamma": "setting/decision-processes",
    "theta": "setting/decision-processes",
    "pi": "setting/decision-processes",
    "tau": "setting/decision-processes",
    "nabla": "setting/gradient-ascent",
    "what is a policy": "setting/decision-processes",
    "how do I start": "intro",
    "discount factor gamma": "setting/decision-processes",
    "PPO clip": "practice/from-theorem-to-loss",
    "why is my loss going up": "practice/debug-this-reinforce",
    "policy gradient theorem": "state-action-form/the-theorem",
    "Policy Gradient Theorem proof": "state-action-form/the-theorem",
    "policy gradient": "state-action-form/the-theorem",
    "why the log": "reference/questions",
    "why divide by standard deviation": "reference/questions",
    "why normalize returns": "reference/questions",
    "log derivative trick": "trajectory-form/likelihood-ratio",
    "log-derivative trick": "trajectory-form/likelihood-ratio",
    "score function trick": "trajectory-form/likelihood-ratio",
    "likelihood ratio": "trajectory-form/likelihood-ratio",
    "Q value": "state-action-form/values-and-state-distributions",
    "q-function": "state-action-form/values-and-state-distributions",
    "value function": "state-action-form/values-and-state-distributions",
    "Bellman equation": "state-action-form/values-and-state-distributions",
    "stationary distribution": "state-action-form/values-and-state-distributions",
    "state visitation": "state-action-form/values-and-state-distributions",
    "actor critic": "state-action-form/from-q-to-samples",
    "actor–critic": "state-action-form/from-q-to-samples",
    "Actor-Critic": "state-action-form/from-q-to-samples",
    "reparameterization trick": "state-action-form/from-q-to-samples",
    "REINFORCE": "trajectory-form/sample-estimate",
    "REINFORCE algorithm": "trajectory-form/sample-estimate",
    "monte carlo policy gradient": "trajectory-form/sample-estimate",
    "importance sampling": "trajectory-form/sample-estimate",
    "off-policy": "beyond/off-policy",
    "off policy learning": "beyond/off-policy",
    "unbiased": "trajectory-form/how-far-off",
    "standard error": "trajectory-form/how-far-off",
    "model-free": "trajectory-form/dynamics-drop-out",
    "grad log pi": "trajectory-form/dynamics-drop-out",
    "my own MDP": "start/your-world",
    "custom environment": "start/your-world",
    "put my own world in": "start/your-world",
    "softmax policy": "setting/decision-processes",
    "Markov decision process": "setting/decision-processes",
    "mdp": "setting/decision-processes",
    "expected return": "setting/decision-processes",
    "learning rate": "setting/gradient-ascent",
    "gradient ascent": "setting/gradient-ascent",
    "reward-to-go": "one-gradient/causality",
    "baseline": "one-gradient/baselines-and-variance",
    "variance reduction": "one-gradient/baselines-and-variance",
    "advantage": "one-gradient/baselines-and-variance",
    "normalise advantages": "one-gradient/baselines-and-variance",
    "GAE": "one-gradient/baselines-and-variance",
    "discount factor": "one-gradient/discounting",
    "missing discount": "one-gradient/discounting",
    "continuous actions": "practice/continuous-actions",
    "Gaussian policy": "practice/continuous-actions",
    "log prob positive": "practice/continuous-actions",
    "log std": "practice/continuous-actions",
    "standard deviation collapses": "practice/continuous-actions",
    "tanh squashing": "practice/continuous-actions",
    "clip action": "practice/continuous-actions",
    "Jacobian": "practice/continuous-actions",
    "continuous states": "beyond/general-spaces",
    "GRPO": "practice/language-models",
    "RLOO": "practice/language-models",
    "RLHF": "practice/language-models",
    "LLM": "practice/language-models",
    "KL penalty": "practice/language-models",
    "Dr. GRPO": "practice/language-models",
    "OpenRLHF": "practice/language-models",
    "scale rewards": "practice/language-models",
    "not learning": "practice/debug-this-reinforce",
    "my policy gradient does not learn": "practice/debug-this-reinforce",
    "policy collapse": "practice/debug-this-reinforce",
    "why is my policy collapsing": "practice/debug-this-reinforce",
    "why does my policy collapse to one action": "practice/debug-this-reinforce",
    "argmax instead of sampling": "practice/debug-this-reinforce",
    "standardise per episode": "practice/debug-this-reinforce",
    "weak derivative": "beyond/general-spaces",
    "performance difference lemma": "beyond/how-far-to-step",
    "natural gradient": "beyond/how-far-to-step",
    "Fisher information": "beyond/how-far-to-step",
    "TRPO": "beyond/how-far-to-step",
    "trust region": "beyond/how-far-to-step",
    "effective sample size": "beyond/off-policy",
    "emphatic weighting": "beyond/off-policy",
    "replay buffer": "beyond/off-policy",
    "deterministic policy gradient": "beyond/off-policy",
    "DDPG": "beyond/off-policy",
    "average reward": "state-action-form/the-theorem",
    "truncation": "practice/ends-and-cuts",
    "truncated": "practice/ends-and-cuts",
    "done mask": "practice/ends-and-cuts",
    "bootstrap at time limit": "practice/ends-and-cuts",
    "time limit": "practice/ends-and-cuts",
    "autoreset": "practice/ends-and-cuts",
    "token mean": "practice/ends-and-cuts",
    "steps per epoch": "practice/ends-and-cuts",
    "learning curve": "practice/learning-curves",
    "how many seeds": "practice/learning-curves",
    "cartpole": "practice/learning-curves",
    "frozenlake": "practice/learning-curves",
    "short corridor": "practice/learning-curves",
    "surrogate loss": "practice/from-theorem-to-loss",
    "loss goes up": "practice/from-theorem-to-loss",
    "detach": "practice/from-theorem-to-loss",
    "stop-gradient": "practice/from-theorem-to-loss",
    "entropy": "practice/from-theorem-to-loss",
    "entropy bonus": "practice/from-theorem-to-loss",
    "logits": "practice/from-theorem-to-loss",
    "softmax twice": "practice/from-theorem-to-loss",
    "nan": "practice/from-theorem-to-loss",
    "broadcasting": "practice/from-theorem-to-loss",
    "PPO": "practice/from-theorem-to-loss",
    "ratio is always 1": "practice/from-theorem-to-loss",
    "loss_type": "practice/language-models",
    "loss type": "practice/language-models",
    "scale_rewards": "practice/language-models",
    "mask_truncated_completions": "practice/language-models",
    "stop_gradient": "practice/from-theorem-to-loss",
    "log_prob": "practice/from-theorem-to-loss",
    "ent_coef": "practice/from-theorem-to-loss",
    "final_obs": "practice/ends-and-cuts",
    "log_std": "practice/continuous-actions",
    "gae_lambda": "one-gradient/baselines-and-variance",
    "reward_to_go": "one-gradient/causality",
    "policy_gradient": "state-action-form/the-theorem",
    "bias_test": "trajectory-form/how-far-off",
    "from_torch_loss": "reference/api/audit",
    "from torch loss": "reference/api/audit",
    "check_policy": "reference/api/policies-and-data",
    "errata": "reference/errata",
    "notation": "notation",
    "glossary": "reference/glossary",
}
AMONG = 5  # what one sees without scrolling


class Glossary(HTMLParser):
    """The entries of the glossaries of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.terms: list[str] = []
        self.depth = 0
        self.in_term = False
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "dl" and (self.depth or "glossary" in (dict(attributes).get("class") or "").split()):
            self.depth += 1
        if tag == "dt" and self.depth:
            self.terms.append("")
        self.in_term = (tag == "dt" and self.depth > 0) or (self.in_term and tag != "a")

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "dl" and self.depth > 0
        self.in_term = self.in_term and tag != "dt"

    def handle_data(self, data: str) -> None:
        if self.in_term:
            self.terms[-1] += data


#: How a glossary begins: to read a page whole takes long, and all of them link to one.
BEGINS = re.compile(r"<dl\b[^>]*\bglossary\b")


def glossary() -> list[str]:
    """Return the entries of all glossaries of the site, without their formulas."""
    terms = [term for text in sources().values() if BEGINS.search(text) for term in Glossary(text).terms]
    return sorted({re.sub(r"\\\(.*?\\\)", "", term).strip() for term in terms} - {""})


QUERY = """
(words) => Search._performSearch(...Search._parseQuery(words)).map(([page]) => `${page}.html`).reverse()
"""


@pytest.fixture(scope="session")
def search(site: Site) -> Iterator[Callable[[str], list[str]]]:
    """Return a search: of words, for the names of the pages that are found, best first."""
    opened = site.open("search.html?q=trajectory")
    opened.page.wait_for_selector("#search-results li")  # the index is there
    yield lambda words: opened.page.evaluate(QUERY, words)
    opened.close()


@pytest.mark.parametrize(("term", "page"), [*TERMS.items(), *((term, GLOSSARY) for term in glossary())])
def test_search_finds_the_terms(search: Callable[[str], list[str]], term: str, page: str) -> None:
    assert page in search(term)[:AMONG]


@pytest.mark.parametrize(("words", "page"), FIRST.items())
def test_what_learners_type_finds_the_page_that_answers(
    search: Callable[[str], list[str]], words: str, page: str
) -> None:
    assert search(words)[:1] == [f"book/{page}.html"]


def test_two_hits_in_one_page_are_told_apart_by_their_sections(site: Site) -> None:
    named = "(words) => Search._performSearch(...Search._parseQuery(words)).map(([page, title]) => [page, title])"
    opened = site.open("search.html?q=standardise")
    opened.page.wait_for_selector("#search-results li")
    for words in ("policy gradient", "entropy bonus", "group standard deviation", "why divide by standard deviation"):
        found = [tuple(hit) for hit in opened.page.evaluate(named, words)]
        assert len(set(found)) == len(found), words
    assert found[-1][1].endswith(" > 16. Why normalise returns?")
    opened.close()


@pytest.mark.parametrize("letter", ["gamma", "theta", "pi", "nabla"])
def test_the_name_of_a_letter_finds_the_pages_that_speak_of_it(search: Callable[[str], list[str]], letter: str) -> None:
    speaks = {name for name, text in sources().items() if re.search(rf'data-tex="[^"]*\\{letter}(?![a-z])', text)}
    found = set(search(letter))
    assert len(speaks & found) > 0.8 * len(speaks)  # a formula may stand in what a cell shows, which is not searched


def test_words_that_say_nothing_are_not_looked_for(search: Callable[[str], list[str]]) -> None:
    assert set(search("how do I do my baseline")) == set(search("baseline"))
    assert search("baseline of the entropy")
    search("how do I")  # nothing else: nothing breaks


def test_whole_words_are_marked_and_forms_are_left_out(site: Site) -> None:
    opened = site.open("search.html?q=what+is+the+return")
    opened.page.wait_for_selector("#search-results li p.context .highlighted")
    marks = {word.lower() for word in opened.page.locator("#search-results .highlighted").all_inner_texts()}
    assert marks <= {"return", "returns", "returned", "returning"}
    for excerpt in opened.page.locator("#search-results p.context").all_inner_texts():
        assert not re.search("Start again|Your answer,|Predict ?Start", excerpt), excerpt
    opened.close()


def test_a_page_that_is_opened_from_the_results_is_marked_and_no_other(site: Site) -> None:
    opened = site.open("search.html?q=baseline")
    page, marks = opened.page, "CSS.highlights.get('pg-found')?.size ?? 0"
    page.wait_for_selector("#search-results li a")
    page.goto(f"{site.address}book/intro.html")  # by another way
    assert page.evaluate(marks) == 0
    page.goto(f"{site.address}search.html?q=baseline")
    page.locator("#search-results li a").first.click()
    page.wait_for_function(f"{marks} > 0")
    assert not page.locator(".highlight-link, span.highlighted").count()  # nothing is pushed
    page.evaluate("document.body.click()")
    assert page.evaluate(marks) == 0
    page.reload()
    assert page.evaluate(marks) == 0
    opened.close()


def test_excerpts_hold_no_source_of_formulas(site: Site) -> None:
    opened = site.open("search.html?q=likelihood+ratio")
    opened.page.wait_for_selector("#search-results li p.context")
    for excerpt in opened.page.locator("#search-results li p.context").all_inner_texts():
        assert not re.search(r"\\[a-zA-Z(\[]|\$", excerpt), excerpt
    opened.close()


def test_excerpts_read_out_short_formulas_and_keep_words_apart(site: Site) -> None:
    """A name of a formula stands in the sentence, a long formula has a mark, and two blocks do not run together."""
    opened = site.open("search.html?q=likelihood+ratio")
    opened.page.wait_for_selector("#search-results li p.context")
    shown = """() => Search.htmlToText(`<article class="bd-article"><section id="a"><p>Let
        <mjx-container aria-label="alpha"></mjx-container> grow</p><ul><li>one</li><li>two</li></ul>
        <p>It is <mjx-container aria-label="${"long ".repeat(9)}"></mjx-container>, and
        <mjx-container></mjx-container>.</p></section></article>`, "#a")"""
    told = " ".join(opened.page.evaluate(shown).split())
    assert told == "Let alpha grow one two It is …, and …."
    excerpts = " ".join(opened.page.locator("#search-results li p.context").all_inner_texts())
    assert not re.search(r"[a-z](Needs|Leads to)\b", excerpts)
    opened.close()


def test_excerpts_leave_drawings_out_and_say_what_a_term_means(site: Site) -> None:
    opened = site.open("search.html?q=baseline")
    opened.page.wait_for_selector("#search-results li p.context")
    shown = """(anchor) => Search.htmlToText(`<article class="bd-article"><figure><svg><text>-404</text></svg>
        <figcaption>Three clouds.</figcaption></figure><dl><dt id="a">one</dt><dt id="b">two</dt><dd>Both.</dd>
        <dt id="c">last</dt></dl></article>`, anchor)"""
    told = {anchor: " ".join(opened.page.evaluate(shown, anchor).split()) for anchor in ("", "#a", "#b", "#c")}
    assert told == {"": "Three clouds. one two Both. last", "#a": "one Both.", "#b": "two Both.", "#c": "last"}
    opened.close()


def test_on_a_phone_the_search_has_all_its_scripts(site: Site) -> None:
    """They run while the page is read, before there is anything in it."""
    opened = site.open("search.html?q=baseline", width=390)
    opened.page.wait_for_selector("#search-results li p.context .highlighted")
    assert not opened.failed + opened.errors
    opened.close()


# The listings of the source code, _modules, and the page for a lost address are not in Sphinx's index.
INDEXED = [page for page in site_pages("bd-article") if not page.startswith(("_modules/", "404", "lab.html"))]


@pytest.mark.parametrize("page", INDEXED or [NO_PAGE])
def test_search_finds_a_page_by_its_title(search: Callable[[str], list[str]], page: str) -> None:
    if page == NO_PAGE:
        pytest.fail("no page of the site holds an article")
    title = re.search(r"<h1>((?:(?!<h1>).)*?)<a class=\"headerlink\"", sources()[page], re.DOTALL)
    if page == "search.html":
        assert title is None  # it does not find itself
        return
    assert title
    without_number = re.sub(r"<span class=\"section-number\">.*?</span>", "", title[1])
    words = html.unescape(re.sub(r"<[^>]*>", "", without_number))
    assert page in search(words)[:AMONG]
