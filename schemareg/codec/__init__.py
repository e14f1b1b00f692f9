"""Events to bytes and back: strict, compiled per schema."""

from schemareg.codec.decoder import Decoder, compile_decoder
from schemareg.codec.encoder import Encoder, compile_encoder
from schemareg.codec.lifting import decode_slowly
from schemareg.codec.lowering import lower
from schemareg.codec.messages import (
    EventDeserializer,
    EventSerializer,
    Identity,
    Payload,
    Received,
)
from schemareg.codec.objects import maker

__all__ = [
    "Decoder",
    "Encoder",
    "EventDeserializer",
    "EventSerializer",
    "Identity",
    "Payload",
    "Received",
    "compile_decoder",
    "compile_encoder",
    "decode_slowly",
    "lower",
    "maker",
]
