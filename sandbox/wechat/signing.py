"""WeChat Pay's side of the v3 signatures; shares no code with the school's side.

Request:  WECHATPAY2-SHA256-RSA2048 over "method\\npath?query\\ntimestamp\\nnonce\\nbody\\n", merchant's key.
Answer and notification: RSA-SHA256 over "timestamp\\nnonce\\nbody\\n", the platform's key.
Notification's resource: AES-256-GCM under the APIv3 key.
"""

from __future__ import annotations

import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from sandbox.wechat_keys import MERCHANT_PUBLIC, PLATFORM_KEY, WechatKeys

SCHEME = "WECHATPAY2-SHA256-RSA2048"
TOLERANCE_S = 300
_PART = re.compile(r'(\w+)="([^"]*)"')


class SignatureWrong(Exception):
    """Said in the words of WeChat's 401."""


class PaySignatures:
    def __init__(self, keys: WechatKeys) -> None:
        merchant = load_pem_public_key(keys.read(MERCHANT_PUBLIC))
        platform = load_pem_private_key(keys.read(PLATFORM_KEY), password=None)
        assert isinstance(merchant, RSAPublicKey)
        assert isinstance(platform, RSAPrivateKey)
        self._merchant = merchant
        self._platform = platform
        self._names = keys.names

    def check_request(self, method: str, target: str, body: bytes, authorization: str, now: float) -> None:
        """`target` is path and query as they were sent. SignatureWrong."""
        scheme, _, rest = authorization.partition(" ")
        parts = dict(_PART.findall(rest))
        if scheme != SCHEME or set(parts) != {"mchid", "nonce_str", "signature", "timestamp", "serial_no"}:
            raise SignatureWrong("Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》")
        if parts["mchid"] != self._names.mch_id:
            raise SignatureWrong("商户号与签名不符")
        if parts["serial_no"] != self._names.mch_serial_no:
            raise SignatureWrong("商户证书序列号有误")
        if not parts["timestamp"].isdigit() or abs(now - int(parts["timestamp"])) > TOLERANCE_S:
            raise SignatureWrong("Http头Authorization中的timestamp与发起请求的时间不得超过5分钟")
        lines = [
            method.encode(),
            target.encode(),
            parts["timestamp"].encode(),
            parts["nonce_str"].encode(),
            body,
        ]
        if not self._by_merchant(b"\n".join(lines) + b"\n", parts["signature"]):
            raise SignatureWrong("签名错误，请检查后再试")

    def is_pay_sign(self, asked: Mapping[str, str]) -> bool:
        """Whether the page's bridge parameters were signed by the merchant."""
        names = ("appId", "timeStamp", "nonceStr", "package")
        signed = "".join(f"{asked.get(name, '')}\n" for name in names)
        return (
            asked.get("signType") == "RSA"
            and asked.get("appId") == self._names.corp_id
            and self._by_merchant(signed.encode(), asked.get("paySign", ""))
        )

    def headers(self, body: bytes, now: float, *, forged: bool = False) -> dict[str, str]:
        timestamp, nonce = str(int(now)), secrets.token_hex(16)
        signed = b"\n".join((timestamp.encode(), nonce.encode(), b"{}" if forged else body)) + b"\n"
        signature = self._platform.sign(signed, PKCS1v15(), SHA256())
        return {
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": b64encode(signature).decode(),
            "Wechatpay-Signature-Type": SCHEME,
            "Wechatpay-Serial": self._names.public_key_id,
        }

    def sealed(self, plain: bytes, kind: str) -> dict[str, str]:
        """The notification's `resource`."""
        nonce = secrets.token_hex(6)
        cipher = AESGCM(self._names.api_v3_key.encode())
        return {
            "original_type": kind,
            "algorithm": "AEAD_AES_256_GCM",
            "associated_data": kind,
            "nonce": nonce,
            "ciphertext": b64encode(cipher.encrypt(nonce.encode(), plain, kind.encode())).decode(),
        }

    def _by_merchant(self, message: bytes, signature: str) -> bool:
        try:
            self._merchant.verify(b64decode(signature, validate=True), message, PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True
