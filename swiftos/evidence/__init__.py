"""Records of what was measured: schema, identity, store, report. It can describe a host and a run;
it does not know how to measure."""
