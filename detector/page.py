"""The grid on which the EMG detector works, so that nothing depends on how the signal was cut.

A hop is the unit of filtering; a page is 80 hops. Whatever adapts (noise floor, mains, threshold) does so at
the end of a page and at no other time.
"""

HOP_S = 0.025  # short, because an event waits for the hop it ends in
PAGE_HOPS = 80  # 2 s: long enough to know a noise floor from, short against its changes
