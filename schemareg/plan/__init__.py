"""Plans: what has to be done so that a registry holds what a project describes.

`diff` makes the actions, `saved` joins them with the state that they start from, `plan_json`
writes both to a file, `apply` does them and refuses a plan whose start is no longer what the
registry holds; `drift` lists what differs without making a plan.
"""

from schemareg.plan.actions import Action, RegisterVersion, SetLevel
from schemareg.plan.apply import Applied, apply, perform
from schemareg.plan.diff import Difference, diff_states
from schemareg.plan.plan_json import load_plan, save_plan
from schemareg.plan.saved import Plan, PlanStaleError, make_plan

__all__ = [
    "Action",
    "Applied",
    "Difference",
    "Plan",
    "PlanStaleError",
    "RegisterVersion",
    "SetLevel",
    "apply",
    "diff_states",
    "load_plan",
    "make_plan",
    "perform",
    "save_plan",
]
