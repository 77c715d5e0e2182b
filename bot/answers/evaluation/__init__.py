"""Measuring the answering side with labelled questions: figures, rivals, fitting, a report."""
