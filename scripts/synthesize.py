"""Synthesize images: python scripts/synthesize.py content.path=photo.jpg styles=painting.jpg

A figure is a sweep: python scripts/synthesize.py -m figure=fig3, or several, figure=fig1,fig2.
--help lists every setting.
"""

from nst.cli import run_synthesize

if __name__ == "__main__":
    run_synthesize()
