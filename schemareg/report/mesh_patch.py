"""Weights of a mesh's routes after a canary, as a JSON patch of an Istio VirtualService.

Source: RFC 6902, "JSON Patch"; Istio, "Virtual Service".
"""

from __future__ import annotations

from schemareg.report.escape import Safe, json_document
from schemareg.services.canary import CanaryVerdict


def istio_patch(verdict: CanaryVerdict, *, weight: int) -> Safe:
    """The patch that gives the subset canary `weight` per cent after a pass, and none after a fail.

    It is empty where the canary is inconclusive. The VirtualService has one HTTP rule with the
    routes to the subsets stable and canary, in this order; the patch fails where it has others.
    """
    if verdict is CanaryVerdict.INCONCLUSIVE:
        return json_document([])
    share = weight if verdict is CanaryVerdict.PASS else 0
    patch: list[dict[str, object]] = []
    for number, (subset, given) in enumerate((("stable", 100 - share), ("canary", share))):
        route = f"/spec/http/0/route/{number}"
        patch.append({"op": "test", "path": f"{route}/destination/subset", "value": subset})
        patch.append({"op": "add", "path": f"{route}/weight", "value": given})
    return json_document(patch)
