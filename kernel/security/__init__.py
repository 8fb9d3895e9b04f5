"""Who a process is and what it may do: principal, session, capability mask, cell.

It must not know processes; whoever asks passes `Credentials` down.
"""
