"""The chapters of the book, to which mistakes and exercises lead. Tests compare their titles and headings with it."""

from pgcode._places import Chapter

__all__ = [
    "AUDIT",
    "BASELINES",
    "CAUSALITY",
    "CONTINUOUS",
    "CURVES",
    "DEBUG",
    "DECISION_PROCESSES",
    "DISCOUNTING",
    "DYNAMICS_DROP_OUT",
    "ENDS",
    "FROM_Q_TO_SAMPLES",
    "GENERAL_SPACES",
    "GRADIENT_ASCENT",
    "HOW_FAR_OFF",
    "HOW_FAR_TO_STEP",
    "LANGUAGE",
    "LIKELIHOOD_RATIO",
    "LOSS",
    "OFF_POLICY",
    "SAMPLE_ESTIMATE",
    "SHORT_DERIVATION",
    "THEOREM",
    "VALUES",
]

DECISION_PROCESSES = Chapter("book/setting/decision-processes", "Decision processes, policies, returns")
GRADIENT_ASCENT = Chapter("book/setting/gradient-ascent", "Gradient ascent and its two obstacles")

LIKELIHOOD_RATIO = Chapter("book/trajectory-form/likelihood-ratio", "The likelihood ratio")
DYNAMICS_DROP_OUT = Chapter("book/trajectory-form/dynamics-drop-out", "The dynamics drop out")
SAMPLE_ESTIMATE = Chapter("book/trajectory-form/sample-estimate", "The sample-based estimate")
HOW_FAR_OFF = Chapter("book/trajectory-form/how-far-off", "How far off is it?")

VALUES = Chapter("book/state-action-form/values-and-state-distributions", "Values and state distributions")
THEOREM = Chapter("book/state-action-form/the-theorem", "The theorem")
SHORT_DERIVATION = Chapter("book/state-action-form/the-short-derivation", "The short derivation and what it drops")
FROM_Q_TO_SAMPLES = Chapter("book/state-action-form/from-q-to-samples", "From Q to samples")

CAUSALITY = Chapter("book/one-gradient/causality", "From R(τ) to Q")
BASELINES = Chapter("book/one-gradient/baselines-and-variance", "Baselines and exact variance")
DISCOUNTING = Chapter("book/one-gradient/discounting", "Discounting and state weights")

GENERAL_SPACES = Chapter("book/beyond/general-spaces", "General spaces and random lengths")
HOW_FAR_TO_STEP = Chapter("book/beyond/how-far-to-step", "How far to step")
OFF_POLICY = Chapter("book/beyond/off-policy", "Other people's data, and policies without chance")

CURVES = Chapter("book/practice/learning-curves", "Learning curves")
LOSS = Chapter("book/practice/from-theorem-to-loss", "From theorem to loss")
ENDS = Chapter("book/practice/ends-and-cuts", "Ends and cuts")
DEBUG = Chapter("book/practice/debug-this-reinforce", "Debug this REINFORCE")
AUDIT = Chapter("book/practice/audit-your-own", "Audit your own")
CONTINUOUS = Chapter("book/practice/continuous-actions", "Continuous actions")
LANGUAGE = Chapter("book/practice/language-models", "Language models")
