package estate

# Rules of an estate that has had OPA for years. Its paths are those of the example workspace's sandbox.

default verdict := {"effect": "allow"}

verdict := {"effect": "deny", "reason": "plans are not for agents"} if {
	contains(input.args.path, "plans")
} else := {"effect": "require", "requirements": [{"kind": "approval", "from": "leads", "count": 1}]} if {
	contains(input.args.path, "minutes")
} else := {"effect": "require", "requirements": [{"kind": "wait", "until": "2020-01-01T00:00:00Z"}], "obligations": [{"kind": "record_full"}]} if {
	contains(input.args.path, "waited")
} else := {"effect": "allow", "obligations": [{"kind": "watermark", "properties": {"with": "draft"}}]} if {
	contains(input.args.path, "watermark")
} else := {"effect": "allow", "obligations": [{"kind": "redact", "properties": {"labels": ["personal"]}}]} if {
	contains(input.args.path, "contacts")
} else := {"effect": "require", "requirements": [{"kind": "blood_sample"}]} if {
	contains(input.args.path, "blood")
} else := {"effect": "require", "requirements": [{"kind": "approval", "from": "directors"}]} if {
	contains(input.args.path, "directors")
} else := {"effect": "allow", "surprise": true} if {
	contains(input.args.path, "surprise")
} else := {"effect": "allow", "reason": concat("", [x | some i in numbers.range(1, 40000); x := "word"])} if {
	contains(input.args.path, "huge")
}

# Of the kind that many estates have: a boolean, and undefined where nothing allows.
allowed if input.args.path != ""

allowed := false if contains(input.args.path, "plans")

only_pages if contains(input.args.path, "pages")

# Does not end within the time that a veto has: the one half takes an interpreter long, the other a compiled module.
slow if {
	letters := concat("", ["a" | some _ in numbers.range(1, 20000)])
	needle := concat("", [substring(letters, 0, 10000), "b"])
	not found(letters, needle)
	some a in numbers.range(1, 3000)
	some b in numbers.range(1, 3000)
	a * b == -1
}

found(letters, needle) if {
	some _ in numbers.range(1, 3000)
	contains(letters, needle)
}

# Ends, and takes more memory than an instance may have.
greedy if {
	some a in numbers.range(1, 700)
	some b in numbers.range(1, 700)
	a * b == -1
}
