import pytest

from onecard.rules.ids import bill_id, check_id, new_id, transfer_id

pytestmark = pytest.mark.pure


def test_an_id_says_what_it_is_and_nothing_else():
    made = {new_id("acc") for _ in range(1000)}
    assert len(made) == 1000
    for one in made:
        assert check_id("acc", one) == one
        assert len(one) == 30


@pytest.mark.parametrize(
    "text", ["", "acc_", "acc", "per_" + "0" * 26, "acc_" + "0" * 25, "acc_" + "8" + "0" * 25, "acc_" + "u" * 26,
             "ACC_" + "0" * 26, "acc_" + "0" * 26 + "\n", "acc_" + "O" * 26]
)  # fmt: skip
def test_what_is_no_account_id(text):
    with pytest.raises(ValueError, match="acc_"):
        check_id("acc", text)


def test_a_bills_id_is_its_transfers_number():
    assert bill_id(42) == "bil_42"
    assert transfer_id("bil_42") == 42
    for bad in ("bil_0", "bil_042", "bil_-1", "bil_", "bil_x", "acc_42", f"bil_{2**63}", "bil_1' OR 1"):
        with pytest.raises(ValueError, match="bil_"):
            transfer_id(bad)
