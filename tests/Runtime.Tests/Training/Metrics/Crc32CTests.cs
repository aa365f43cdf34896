using System.Text;
using Graph.Training;
using Xunit;

namespace Graph.Runtime.Tests.Training;

public sealed class Crc32CTests
{
    public static TheoryData<byte[], uint> Vectors => new()
    {
        // The catalogue's check value, then RFC 3720 B.4.
        { Encoding.ASCII.GetBytes("123456789"), 0xE3069283 },
        { new byte[32], 0x8A9136AA },
        { [.. Enumerable.Repeat((byte)0xFF, 32)], 0x62A8AB43 },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)i)], 0x46DD794E },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))], 0x113FDB5C },
        { [], 0 },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void PublishedVectorsHold(byte[] data, uint crc) => Assert.Equal(crc, Crc32C.Of(data));

    /// <summary>E3069283 rotated right by 15 is 2507C60D; plus A282EAD8 it is C78AB0E5.</summary>
    [Fact]
    public void TheMaskRotatesAndAdds() => Assert.Equal(0xC78AB0E5, Crc32C.Masked(Encoding.ASCII.GetBytes("123456789")));
}
