"""Questions and answers: entries, lexicon, index, ranking, evaluation."""
