using System.Globalization;
using System.Text;

namespace Graph.Training;

/// <summary>
/// Where a file's own checksum lies: eight hexadecimal digits in the header's metadata. The sum is over the whole file with zeros in their
/// place, so that it covers names, shapes and metadata as well as data.
/// </summary>
internal static class ChecksumField
{
    /// <summary>Name in the metadata.</summary>
    public const string Name = "crc32c";

    /// <summary>What the digits are while the sum is taken.</summary>
    public const string Zeros = "00000000";

    // A quotation mark inside a JSON string is escaped, so only the field itself reads like this.
    private static readonly byte[] Start = Encoding.ASCII.GetBytes($"\"{Name}\":\"");

    /// <summary>Index of the first digit in a header; -1: the file has no checksum.</summary>
    public static int Find(ReadOnlySpan<byte> header)
    {
        int at = header.IndexOf(Start);
        return at < 0 || at + Start.Length + Zeros.Length > header.Length ? -1 : at + Start.Length;
    }

    /// <summary>The digits, as text.</summary>
    public static string Text(uint sum) => sum.ToString("x8", CultureInfo.InvariantCulture);
}
