"""Joins findings and texts of one country into rival causes, each with its probability and what speaks for it."""

from tocsin.analysis.fusion.causes import ACCESS, BOUND, HARMFUL, MARGIN, TOLD, Cause
from tocsin.analysis.fusion.clues import Clue, Door, Origin, Says
from tocsin.analysis.fusion.facts import Measured, Occasion, Steady, Told, Window
from tocsin.analysis.fusion.fitting import Fit, fit
from tocsin.analysis.fusion.judging import Judgement, Share, judge
from tocsin.analysis.fusion.starts import Known, Loss, Regularity, answers
from tocsin.analysis.fusion.turning import Next, Turn, turns, turns_told
from tocsin.analysis.fusion.weighing import clues, own, weigh, weigh_own

__all__ = [
    "ACCESS",
    "BOUND",
    "HARMFUL",
    "MARGIN",
    "TOLD",
    "Cause",
    "Clue",
    "Door",
    "Fit",
    "Judgement",
    "Known",
    "Loss",
    "Measured",
    "Next",
    "Occasion",
    "Origin",
    "Regularity",
    "Says",
    "Share",
    "Steady",
    "Told",
    "Turn",
    "Window",
    "answers",
    "clues",
    "fit",
    "judge",
    "own",
    "turns",
    "turns_told",
    "weigh",
    "weigh_own",
]
