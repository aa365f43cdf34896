namespace Graph.Models.Tests;

/// <summary>Damages valid inputs: what a broken disk, a cut download or a hostile author might leave.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "-1", "0", "1e999", "99999999999999999999", "2147483648", "9223372036854775807", "null", "true", "{}", "[]", "[[", "}}", "\"", "'", ",", ":", "\n", "\r\n", "\\u", "\\ud800",
            "(", ")", "(0,)", "True", "'<i8'", "'|O'", "descr", "question", "answer", "train", "input", "output", "F64", "shape", "data_offsets", "S", "G", "o", "#", ".", "|||", "\0",
        }.Select(System.Text.Encoding.UTF8.GetBytes),
        [0xFF], [0xEF, 0xBB, 0xBF], [0xC0, 0x80], [0xED, 0xA0, 0x80],
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
    ];

    private readonly Random random = new(seed);

    /// <summary>A copy with one to four damages, at most twice as long and 64 bytes.</summary>
    public byte[] Mutate(byte[] valid)
    {
        var bytes = new List<byte>(valid);
        for (var damages = random.Next(1, 5); damages > 0; damages--)
        {
            Damage(bytes);
        }

        return [.. bytes.Take(2 * valid.Length + 64)];
    }

    private void Damage(List<byte> bytes)
    {
        var at = random.Next(bytes.Count + 1);
        var length = Math.Min(random.Next(1, 1 << random.Next(1, 9)), bytes.Count - at);
        switch (random.Next(8))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                break;
            case 4 when random.Next(4) == 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 5:
                var piece = Pieces[random.Next(Pieces.Length)];
                bytes.RemoveRange(at, Math.Min(random.Next(3), bytes.Count - at));
                bytes.InsertRange(at, piece);
                break;
            case 6 when at < bytes.Count && bytes[at] is >= (byte)'0' and <= (byte)'9':
                bytes[at] = (byte)random.Next('0', '9' + 1);
                break;
            default:
                bytes.Insert(at, (byte)random.Next(256));
                break;
        }
    }
}
