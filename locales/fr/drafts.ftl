# A draft that is shown before it is published.

draft-notice = Ceci est un brouillon. Merci de ne pas transmettre son adresse.
