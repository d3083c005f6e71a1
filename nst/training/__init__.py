"""Training of the embedded network: a narrow VGG-19 for looking inside, not for ranking.

Three questions are asked of the network at once. *Which class, which image is this?* makes deep
features abstract. *What were the pixels?*, answered linearly from a few layers, keeps what an
inversion needs. *How strong is each orientation, at each scale, here?*, answered linearly too,
makes texture and stroke direction visible to deep layers, and noise as well: an inversion that
starts from white noise can only remove what the features respond to.
"""
