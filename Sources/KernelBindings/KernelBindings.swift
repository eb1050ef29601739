// The C stages' bindings, headers in .build/bindings, are made when this target is built: those targets that depend on
// it find them up to date.
