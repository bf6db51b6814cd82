from lambdas.invoices.photos import KeptPhotos


class Photos:
    def get(self, userid, id):
        return "a photo" if (userid, id) == ("ann", "1") else None


def test_a_photo_is_there_under_its_owner():
    photos = KeptPhotos(Photos)

    assert [photos.has_photo(*key) for key in (("ann", "1"), ("ann", "2"), ("bob", "1"))] == [True, False, False]


def test_the_store_is_made_only_when_it_is_asked():
    asked = []
    photos = KeptPhotos(lambda: asked.append(1) or Photos())
    assert asked == []

    photos.has_photo("ann", "1")
    assert asked == [1]
