"""What nobody should do to the catalogues, and what everybody may."""

import copy
import pickle

from pgcode import mistakes

CATALOGUES = (mistakes.ESTIMATORS, mistakes.BONUSES, mistakes.ADVANTAGES, mistakes.SEQUENCES, mistakes.PENALTIES)
FIRST = [next(iter(catalogue.values())) for catalogue in CATALOGUES]


def changed():
    mistakes.ADVANTAGES["mine"] = FIRST[2]


CASES = {
    "pickled": (lambda: [pickle.loads(pickle.dumps(one)) for one in FIRST], lambda came: came == FIRST),
    "copied": (lambda: copy.deepcopy(FIRST), lambda came: came == FIRST),
    "catalogues pickled": (lambda: pickle.loads(pickle.dumps(CATALOGUES)), lambda came: came == CATALOGUES),
    "no such advantages": (lambda: mistakes.ADVANTAGES["nope"], "no mistake is called 'nope'"),
    "no such sequences": (lambda: mistakes.SEQUENCES["nope"], "no mistake is called 'nope'"),
    "no such bonus": (lambda: mistakes.BONUSES["nope"], "no mistake is called 'nope'"),
    "set": (changed, "does not support item assignment"),
    "emptied": (lambda: hasattr(mistakes.SEQUENCES, "clear"), lambda came: not came),
}
