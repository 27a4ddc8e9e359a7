# METADATA
# title: Rules to begin with
# schemas:
#   - input: schema.input
package countersign.rules

# No agent writes to production, whatever its tier.
deny contains "nothing is written in production in this estate" if {
	input.resource.environment.production
	input.action.verb == "execute"
}

# What came in from outside writes only with somebody's approval.
requirements contains {"kind": "approval", "from": "leads", "open": "4h", "valid": "1h"} if {
	input.run.tainted
	input.action.verb == "execute"
	not input.resource.environment.production
}
