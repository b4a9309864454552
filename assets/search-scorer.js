// How the search ranks what it finds: a page whose title holds the words stands before pages that mention them.
var Scorer = {
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 300,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
