"""Where the book explains each mistake of the catalogue: a few words of the sentence that does it, in its section.

Words that stand for several mistakes stand once, with all of them. When you change such a sentence, change it here too;
when you declare a mistake, write the sentence first.
"""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: By the words, as they stand in the section that a mistake leads to, the mistakes that they explain.
SENTENCES = {
    # ---- estimators: which data -------------------------------------------------------------------------------------
    "With the state that it led to": ["next states for states"],
    "with the action of the step before": ["previous action"],
    "the last one, whose row has `done`": ["last decision lost"],
    "The first decision counts": ["first decision lost"],
    "and all between them": ["only the first decision"],
    "Powers that run on over a buffer of many episodes": ["discount of the step runs on"],
    "only the walk's own part, $1/m$ of it for $m$ walks": [
        "mean return of the batch for every decision",
        "mean weight of the batch for every decision",
    ],
    "pay $-\\beta\\log\\pi(a_t|s_t)$ as a *reward*": ["entropy in the objective"],
    "are *assigned* instead of added keeps one of them": ["repeated visits overwritten", "first visit alone"],
    "a mean over the visits divides away": ["mean over the visits"],
    "The first reward counts, and so does the last": ["first reward lost", "last reward lost"],
    "it is not the whole return either": ["final reward alone"],
    "pays each decision the reward of the next one, or of the one before": [
        "reward of the next step",
        "reward of the previous step",
    ],
    "the return must stop where one ends": ["returns run over the ends"],
    "With the flag of the row after or of the row before": [
        "returns cut by the flag of the next step",
        "returns cut by the flag of the step before",
    ],
    "uses the best episode of a batch alone": ["the best episode alone"],
    "leaves out those that failed": ["episodes that failed left out"],
    "leaves out those that last to the horizon": ["episodes cut by the horizon left out"],
    "at the same $\\theta$ at which the scores are taken": ["scores of another theta"],
    "at the $\\theta$ that drew them it is 1": ["ratio to another policy"],
    "is left with $1 - 1/m$ of the gradient": ["last episode dropped"],
    "with their sum the step is $m$ times as long": ["sum over the episodes"],
    "used as if it had ended, it misses what it would still have earned": ["cut where the steps are enough"],
    "throw away the one that is not over": ["unfinished episode dropped but counted"],
    "Then the number $K$ of episodes is random, and it depends on how they went": [
        "as many episodes as the steps allow"
    ],
    # ---- estimators: which weights ----------------------------------------------------------------------------------
    "Clip them to $[-1, 1]$": ["rewards clipped"],
    "take their signs or their absolute values": ["signs of rewards", "rewards without sign"],
    "set the losses to 0": ["losses left out"],
    "To leave the discount out is to ask for $\\gamma = 1$": ["discount left out"],
    "A mean of the rewards in the place of their sum": ["mean reward to go"],
    "The mean of $R(\\tau)^2$": ["return squared"],
    "The mean of $e^{R(\\tau)}$ prefers a gamble": ["exponential of the return"],
    "The sign of $R(\\tau)$ forgets how much": ["sign of the return"],
    "Rewards that lose their mean before they are summed": ["mean reward subtracted", "rewards standardised"],
    "**Within one episode.** The mean of $G_0, G_1, \\dots$": ["standardised per episode"],
    "for an episode or a buffer of one step it is 0/0": [
        "standardised per episode with one less",
        "standardised over the batch with one less",
        "standardised with one less",
    ],
    "Dividing by the deviation sets the scale": ["standardised over the batch", "divided by the deviation"],
    "of two decisions one gets 1 and the other −1": ["standardised per mini batch", "standardised in mini batches"],
    "A deviation for each step by itself": ["standardised at each step"],
    "The largest weight of a batch is random": ["divided by the largest"],
    "A softmax over the weights of a batch": ["softmax of the weights"],
    "$\\gamma^k r_k$, summed by the recursion": ["rewards discounted before they are summed"],
    "or $\\gamma^{2t} G_t$": ["step discounted twice"],
    "weighed by when the decision was taken, not by when they are paid": ["past discount alone"],
    "Powers that are counted from the end": ["discount counted from the end"],
    "$\\gamma^t R(\\tau)$, or": ["whole return discounted by step"],
    "$G_t = r_t + \\gamma^t\\,G_{t+1}$ | In the recursion stands $\\gamma$": ["power inside the recursion"],
    "The mean of what it follows is the same sum without $\\gamma^t$": ["discount of the step left out"],
    "The own reward $r_t$ alone leaves out": ["own reward alone"],
    "A sum that begins after $r_t$": ["own reward left out"],
    "credits a decision with the past, which it cannot change": ["rewards of the past", "returns not turned round"],
    "For $k<t$ the reward $r_k$ is part of $h_t$, and the mean is zero": ["earlier rewards alone"],
    "rewards-to-go in the opposite order": ["returns in the opposite order"],
    "The sum of an episode's scores times the sum of its weights": ["every score with all of its weights"],
    "it stands for what comes, at a state that goes with the action": ["critic for what comes later"],
    "The value of the *next* state, subtracted": ["critic of the next state subtracted"],
    "Dividing by its length compares": ["return divided by length"],
    "$\\bar g$ is a ratio of two random sums": ["mean over the steps of the batch"],
    "A mean over the steps of each walk by itself": ["mean over the steps of each episode"],
    "a mean over all entries of padded arrays": ["mean over padded steps"],
    "Leave the return out": ["return left out"],
    "Set negative returns to 0": ["negative returns left out"],
    "or every product that is negative": ["losses of probability left out"],
    "If returns are clipped to $[-1, 1]$": ["weights clipped"],
    # ---- estimators: baselines --------------------------------------------------------------------------------------
    "A batch mean that includes the sample itself": ["mean of the batch subtracted"],
    "One mean over all $G_t$ of all walks is biased": ["mean over all steps subtracted"],
    "The best weight of a batch, or the worst, may be the walk's own": [
        "best of the batch subtracted",
        "worst of the batch subtracted",
    ],
    "a table $b(s,a)$ takes away": ["baseline of state and action"],
    "A table that is fitted to the walk itself": ["mean of the same state in the batch"],
    # ---- estimators: scores -----------------------------------------------------------------------------------------
    "Without $-\\pi_\\theta(a'|s)$, the mean of the score is not zero": ["probabilities not subtracted"],
    "with a plus before it, a sign is wrong": ["probabilities added"],
    "makes the states compete for an action": [
        "softmax over the states",
        "logarithm of a softmax over the states",
    ],
    "not to the likeliest one": ["likeliest action for the one taken"],
    "not to all of them": ["all actions scored"],
    "a temperature, by which preferences are divided": ["temperature forgotten"],
    "$1/P$ alone is the derivative of the logarithm by $P$": ["one over pi for the score"],
    "counts that probability twice": ["gradient of pi for that of its logarithm"],
    "Two softmaxes make a policy that can never be sure": ["probabilities taken for logits"],
    "*The mean of a product becomes a product of means.*": ["every score with every weight"],
    "computes the ratio under `no_grad`": ["ratio held constant"],
    "In the first term $\\hat V$ must be held": ["critic not detached"],
    # ---- estimators: what is made of the gradient -------------------------------------------------------------------
    "code that uses a library's minimiser hands it $-J$": ["downhill"],
    "what is scaled to length one": ["scaled to length one"],
    "shortened to a longest length": ["clipped to a length"],
    "replaced by its signs": ["signs of the gradient"],
    "A function that gives $\\alpha\\nabla J$": ["step size included"],
    "or $\\theta + \\alpha\\nabla J$": ["updated parameters returned"],
    "Weight decay, which pulls $\\theta$ towards 0": ["weight decay included"],
    "a bonus for policies that stay random (for their *entropy*)": ["entropy bonus included"],
    # ---- advantages -------------------------------------------------------------------------------------------------
    "**A cut taken for an end** turns the mean": ["cut taken for an end"],
    "**An end taken for a cut** does the same": ["end taken for a cut"],
    "**A sum that runs on** is exact with an exact critic": [
        "sum runs over ends and cuts",
        "sum runs over cuts",
        "sum runs over ends",
    ],
    "The next row holds the reset state": ["value of the reset state", "value of the reset state everywhere"],
    "**A flag one row off** does not weaken the signal": ["done a step late", "done a step early"],
    "the sum stops a step early": ["end masks the step before too"],
    "a loop that begins one row too early": ["last advantage left out"],
    "Where the buffer is full nothing ends: with 0": ["buffer end taken for an end"],
    "already counts twice": ["bootstrap twice"],
    "the row itself holds the state one step before": ["own value at a cut", "own value at the end of the buffer"],
    "The reward of that step was paid": ["reward lost at the end"],
    "and $\\hat V(s_t)$ is what it is compared with": ["both values masked at an end"],
    "**A return without a critic**": ["return without a critic"],
    "In the sum each step further weighs $\\gamma\\lambda$: not $\\lambda$": ["discount missing in the sum"],
    "not $\\gamma^2\\lambda$": ["discount twice in the sum"],
    "In $\\delta_t$ it says what the next state is worth today": ["discount missing in the error"],
    "With $\\gamma$ alone, $\\lambda$ is 1": ["lambda missing in the sum"],
    "With $\\delta_t$ alone, $\\lambda$ is 0": ["one error alone"],
    "that is the λ-return": ["value not subtracted"],
    "a reward is compared with all that was expected to come": ["reward less value"],
    "Without either, the sum is a return": ["value left out"],
    "an index is shifted by one": ["next value for both"],
    "with the opposite sign good actions become rarer": ["opposite sign"],
    "From the first to the last it sums what was": ["summed forwards"],
    "a list that was collected backwards has to be turned round": ["in the opposite order"],
    "the whole is not multiplied by $\\gamma$ once more": ["discount one step late"],
    "less the mean of the buffer, a step depends on all others": ["mean subtracted"],
    "the direction turns where the buffer is small": ["standardised"],
    # ---- sequences --------------------------------------------------------------------------------------------------
    "The mean of the *group* holds the answer's own reward": ["mean of the group subtracted"],
    "A mean over the answers to *all* prompts": ["mean over all sequences subtracted"],
    "in which each reward counts with the length of its answer": ["mean weighted by length subtracted"],
    "who keeps the best answer of each group alone": ["best of the group alone"],
    "its lead over the second": ["best of the group less the second"],
    "In a small group the deviation is random too": ["group standardised", "group standardised with one less"],
    "To divide and subtract nothing does not help": ["divided by the deviation of the group"],
    "the deviation of all answers together, which throws easy and hard prompts together": [
        "standardised over all sequences",
        "standardised over all sequences with one less",
    ],
    "also after leave-one-out": ["leave one out then standardised", "leave one out then standardised with one less"],
    "or after the group's mean": ["mean of the group subtracted then divided by the deviation of all"],
    "the deviation over all *tokens*": [
        "standardised over all tokens",
        "mean of the group subtracted then standardised over all tokens",
        "group standardised then standardised over all tokens",
    ],
    "the share of rewards that are not 0": ["mean of the group subtracted by share of rewards"],
    "to divide the reward by the number of its tokens is the same": ["reward divided by length"],
    "a program that credits the last token alone": ["reward at the last token alone"],
    # ---- penalties --------------------------------------------------------------------------------------------------
    "A penalty that is forgotten": ["penalty left out"],
    "one that is added drives the policy away": ["penalty added"],
    "Paid, it is biased": ["k2 paid as a reward", "k2 of each token paid"],
    "the wrong gradient both ways": ["k3 paid as a reward", "k3 of each token paid"],
    "the gradient of the *other* divergence": ["k3 differentiated"],
    "leave out what a token does to the states after it": ["k2 differentiated by token", "k3 differentiated by token"],
    # ---- bonuses ----------------------------------------------------------------------------------------------------
    "*The value is right in the mean, and the gradient is zero in the mean*": ["sampled entropy bonus"],
    "as if there were no bonus": ["entropy bonus left out"],
    "The gradient of $H$ in the states of the batch alone": ["entropy of the visited states alone"],
    "without $\\gamma^t$ late states count too much": ["entropy of the visited states without discount"],
    "$H$ paid as a reward alone forgets": ["entropy as a reward alone"],
    "with a plus before it there, $H$ makes the policy less random": ["entropy bonus with the opposite sign"],
}


def section(see):
    """What a reader finds where a link leads: the prose of a section with what stands below it."""
    cells = json.loads((ROOT / f"{see.chapter.path}.ipynb").read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    assert re.search(rf"^# {re.escape(see.chapter.title)}$", text, re.MULTILINE), see
    head = re.search(rf"^(#+) {re.escape(see.heading)}$", text, re.MULTILINE)
    assert head, see
    rest = text[head.end() :]
    end = re.search(rf"^#{{1,{len(head[1])}}} ", rest, re.MULTILINE)
    return " ".join(rest[: end.start() if end else None].split())
