//! Experiment tracking for machine learning from the command line.
