class SVC:
    def __init__(self, **kw):
        self.settings = kw
