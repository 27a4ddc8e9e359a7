# METADATA
# title: What Countersign asks, and what it is answered
# description: >-
#   Countersign asks for `data.countersign.veto.verdict`. Write rules of your own into `deny` and `requirements`, in files
#   of this package; this file puts them together, and need not be changed.
# schemas:
#   - input: schema.input
package countersign.veto

# Nothing here can allow what Countersign's own policies deny, so no objection is the right thing to begin with. A rule
# that is undefined, and an answer of any other form, count as a denial.
default verdict := {"effect": "allow"}

verdict := {"effect": "deny", "reason": concat("; ", sort(deny))} if {
	count(deny) > 0
} else := {"effect": "require", "requirements": requirements} if {
	count(requirements) > 0
}

# Why a call must not happen: sentences that the agent gets to read.
deny contains reason if {
	some reason in data.countersign.rules.deny
}

# What has to be there first: {"kind": "approval", "from": "leads"}, {"kind": "check", "name": "secrets"} or
# {"kind": "wait", "until": "2026-12-27T08:00:00Z"}.
requirements contains requirement if {
	some requirement in data.countersign.rules.requirements
}
