package countersign.veto_test

import data.countersign.veto

question(verb, production) := {
	"action": {"verb": verb},
	"resource": {"environment": {"production": production}},
	"run": {"tainted": true},
}

test_a_read_is_not_objected_to if {
	veto.verdict == {"effect": "allow"} with input as question("read", true)
}

test_nothing_is_written_in_production if {
	veto.verdict.effect == "deny" with input as question("execute", true)
}

test_what_is_tainted_writes_with_approval if {
	verdict := veto.verdict with input as question("execute", false)
	verdict.effect == "require"
	some requirement in verdict.requirements
	requirement.from == "leads"
}
