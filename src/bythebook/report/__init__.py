"""The report: one page that works from the disk, a summary in Markdown, and the metrics and plots that DVC shows.

Everything is read from files that earlier stages wrote. Nothing is trained, nothing is chosen, and no image of the test
split is opened here: test figures come from what the evaluate stage wrote.
"""

from bythebook.report.search_pictures import search_pictures
from bythebook.report.write import write_report

__all__ = ["search_pictures", "write_report"]
