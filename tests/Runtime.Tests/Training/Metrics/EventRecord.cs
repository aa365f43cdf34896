using System.Buffers.Binary;
using System.Text;

namespace Graph.Runtime.Tests.Training;

/// <summary>An event as a reader of the specification sees it; it shares no code with the writer, the checksum included.</summary>
internal sealed record EventRecord(double WallTime, long Step, string? Version, int? SessionStatus, Dictionary<string, float> Scalars)
{
    public static List<EventRecord> ReadFile(string path)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path);
        var events = new List<EventRecord>();
        while (!bytes.IsEmpty)
        {
            int length = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            ReadOnlySpan<byte> data = bytes.Slice(12, length);
            Check(bytes[..8], bytes[8..]);
            Check(data, bytes[(12 + length)..]);
            events.Add(Parse(data));
            bytes = bytes[(16 + length)..];
        }

        return events;
    }

    private static EventRecord Parse(ReadOnlySpan<byte> data)
    {
        var parsed = new EventRecord(0, 0, null, null, []);
        while (!data.IsEmpty)
        {
            (int field, ulong number, ReadOnlySpan<byte> bytes) = Field(ref data);
            parsed = field switch
            {
                1 => parsed with { WallTime = BitConverter.UInt64BitsToDouble(number) },
                2 => parsed with { Step = (long)number },
                3 => parsed with { Version = Encoding.UTF8.GetString(bytes) },
                7 => parsed with { SessionStatus = Status(bytes) },
                5 => parsed,
                _ => throw new InvalidDataException($"Field {field} of an event."),
            };
            if (field == 5)
            {
                ReadSummary(bytes, parsed.Scalars);
            }
        }

        return parsed;
    }

    private static int Status(ReadOnlySpan<byte> session) => checked((int)Field(ref session).Number);

    private static void ReadSummary(ReadOnlySpan<byte> summary, Dictionary<string, float> scalars)
    {
        while (!summary.IsEmpty)
        {
            ReadOnlySpan<byte> value = Field(ref summary).Bytes;
            string tag = Encoding.UTF8.GetString(Field(ref value).Bytes);
            scalars.Add(tag, BitConverter.UInt32BitsToSingle((uint)Field(ref value).Number));
        }
    }

    private static Parsed Field(ref ReadOnlySpan<byte> data)
    {
        ulong key = Varint(ref data);
        int field = (int)(key >> 3);
        int length = 0;
        ulong number = 0;
        switch (key & 7)
        {
            case 0:
                number = Varint(ref data);
                break;
            case 1:
                number = BinaryPrimitives.ReadUInt64LittleEndian(data);
                length = 8;
                break;
            case 2:
                length = (int)Varint(ref data);
                break;
            case 5:
                number = BinaryPrimitives.ReadUInt32LittleEndian(data);
                length = 4;
                break;
            default:
                throw new InvalidDataException($"Wire type {key & 7}.");
        }

        ReadOnlySpan<byte> bytes = data[..length];
        data = data[length..];
        return new Parsed(field, number, bytes);
    }

    private static ulong Varint(ref ReadOnlySpan<byte> data)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = data[0];
            data = data[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    private static void Check(ReadOnlySpan<byte> data, ReadOnlySpan<byte> stored)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0x82F63B78;
            }
        }

        crc = ~crc;
        uint masked = ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
        if (masked != BinaryPrimitives.ReadUInt32LittleEndian(stored))
        {
            throw new InvalidDataException("A checksum is wrong.");
        }
    }

    private readonly ref struct Parsed(int field, ulong number, ReadOnlySpan<byte> bytes)
    {
        public ulong Number { get; } = number;

        public ReadOnlySpan<byte> Bytes { get; } = bytes;

        public void Deconstruct(out int fieldNumber, out ulong value, out ReadOnlySpan<byte> content)
        {
            fieldNumber = field;
            value = Number;
            content = Bytes;
        }
    }
}
