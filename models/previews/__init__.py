"""政策试算: what a draft of a policy would change on the real data, judged row by row by the rules themselves.

Nothing is written. The same rows are judged twice on one day, the day on which the draft would begin (today where that is past): once by
what would be in force then without the draft, once with it. Only where the two differ is anything counted, so that a
draft equal to what is in force changes nothing, and what an earlier release changed is not laid to the draft.
"""
