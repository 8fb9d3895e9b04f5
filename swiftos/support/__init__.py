"""The support bundle: what another person needs to understand a failure, without secrets and paths
of the host. It reads what runs and measurements left; it runs nothing."""
