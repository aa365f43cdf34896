using System.Text;
using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Models.Tests;

public sealed class NpyTests
{
    [Theory]
    [InlineData(NpyType.U8, "15952,900", "{'descr': '|u1', 'fortran_order': False, 'shape': (15952, 900), }", 128)]
    [InlineData(NpyType.I32, "3", "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }", 128)]
    [InlineData(NpyType.F32, "", "{'descr': '<f4', 'fortran_order': False, 'shape': (), }", 128)]
    [InlineData(NpyType.I64, "1000000,81,2,2,2,2,2,2", "{'descr': '<i8', 'fortran_order': False, 'shape': (1000000, 81, 2, 2, 2, 2, 2, 2), }", 128)]
    [InlineData(NpyType.Bool, "1000000,810,1,1,1,1,1,1,1,1,1,1,1,1", "{'descr': '|b1', 'fortran_order': False, 'shape': (1000000, 810, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), }", 192)]
    public void HeadersAreNumpys(NpyType type, string shape, string text, int length)
    {
        long[] dims = [.. shape.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)];
        var header = NpyHeader.Format(type, dims);
        Assert.Equal(length, header.Length);
        Assert.Equal([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, (byte)(length - 10), 0], header[..10]);
        Assert.Equal(text, Encoding.ASCII.GetString(header, 10, text.Length));
        Assert.Equal((byte)'\n', header[^1]);
        Assert.True(header.AsSpan(10 + text.Length)[..^1].IndexOfAnyExcept((byte)' ') < 0);
        var size = dims.Aggregate((long)type.Size(), (product, dim) => product * dim);
        Assert.Equal(dims, NpyHeader.Parse("a.npy", header, header.Length + size).Shape);
    }

    [Fact]
    public void EveryTypeIsReadBack()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal([3, -1, int.MaxValue], Ints(NpyType.I32, 3, writer => writer.Write([3, -1, int.MaxValue])));
        Assert.Equal([3, -1, int.MinValue], Ints(NpyType.I64, 3, writer => writer.Write([3L, -1L, int.MinValue])));
        Assert.Equal([3, 255], Ints(NpyType.U8, 2, writer => writer.Write((ReadOnlySpan<byte>)[3, 255])));
        Assert.Equal([3, -1], Ints(NpyType.I8, 2, writer => writer.Write((ReadOnlySpan<byte>)[3, 255])));
        Assert.Equal([1, 0], Ints(NpyType.Bool, 2, writer => writer.Write((ReadOnlySpan<byte>)[1, 0])));
        Save(NpyType.F32, 2, writer => writer.Write([1.5f, -2]));
        using var array = NpyArray.Open(folder.File("a.npy"));
        var values = new float[2];
        array.Read(0, values);
        Assert.Equal([1.5f, -2], values);
        Assert.Contains("expected integers, found <f4", Assert.Throws<GraphException>(array.Vector).Message, StringComparison.Ordinal);

        void Save(NpyType type, int count, Action<NpyWriter> write)
        {
            using var writer = new NpyWriter(folder.File("a.npy"), type, [count]);
            write(writer);
            writer.Commit();
        }

        int[] Ints(NpyType type, int count, Action<NpyWriter> write)
        {
            Save(type, count, write);
            using var array = NpyArray.Open(folder.File("a.npy"));
            Assert.Equal(type, array.Type);
            return array.Vector();
        }
    }

    [Fact]
    public void LongArraysAreReadInPieces()
    {
        using var folder = new TemporaryFolder();
        long[] values = [.. Enumerable.Range(0, 5000).Select(i => (long)i * 7)];
        using (var writer = new NpyWriter(folder.File("a.npy"), NpyType.I64, [50, 100]))
        {
            writer.Write(values);
            writer.Commit();
        }

        using var array = NpyArray.Open(folder.File("a.npy"));
        var part = new int[3000];
        array.Read(1999, part);
        Assert.Equal(values.Skip(1999).Take(3000).Select(value => (int)value), part);
        Assert.Throws<ArgumentOutOfRangeException>(() => array.Read(2001, new int[3000]));
    }

    [Theory]
    [InlineData("{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }", 7, "data, expected 8 bytes for <i4 of shape (2), found 7")]
    [InlineData("{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }", 9, "data, expected 8 bytes for <i4 of shape (2), found 9")]
    [InlineData("{'descr': '<i4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", 0, "shape, expected fewer than 2^63 bytes of data, found (4611686018427387904, 4)")]
    [InlineData("{'descr': '<i4', 'fortran_order': False, 'shape': (99999999999999999999,), }", 0, "header at byte 69, expected dimensions below 2^63")]
    [InlineData("{'descr': '<i4', 'fortran_order': False, 'shape': (-1,), }", 0, "header at byte 51, expected a dimension of 0 or more")]
    [InlineData("{'descr': '<i4', 'fortran_order': False, 'shape': (2), }", 8, "header at byte 53, expected ',' after a single dimension")]
    [InlineData("{'descr': '<i4', 'fortran_order': True, 'shape': (2,), }", 8, "fortran_order, expected False (C order)")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", 8, "descr, expected |b1, |i1, |u1, <i4, <i8 or <f4, found '|O'")]
    [InlineData("{'descr': '<i4', 'shape': (2,), }", 8, "header, expected descr, fortran_order and shape")]
    [InlineData("{'descr': '<i4', 'descr': '<i4', 'fortran_order': False, 'shape': (2,), }", 8, "header, expected descr, fortran_order and shape once each, found 'descr'")]
    [InlineData("{'descr': '<i4', 'fortran_order': False, 'shape': (2,), } x", 8, "header at byte 58, expected nothing after '}'")]
    [InlineData("", 0, "header at byte 0, expected '{'")]
    public void AMalformedHeaderIsNamed(string text, int data, string message)
    {
        byte[] file = [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, 0, .. Encoding.ASCII.GetBytes(text), .. new byte[data]];
        Assert.Equal("a.npy: " + message, Assert.Throws<GraphException>(() => NpyArray.Parse("a.npy", file)).Message);
    }

    [Theory]
    [InlineData("", "start, expected \\x93NUMPY, two bytes of version and a header length")]
    [InlineData("NUMPY01234567890", "start, expected \\x93NUMPY, two bytes of version and a header length")]
    [InlineData("\u0093NUMPY\u0003\u0000\u0010\u0000\u0000\u0000", "version, expected 1.0 or 2.0, found 3.0")]
    [InlineData("\u0093NUMPY\u0002\u0000\u00ff\u00ff\u00ff\u00ff", "header length, expected at most 10000 bytes, found 4294967295")]
    [InlineData("\u0093NUMPY\u0001\u0000\u0010\u0000{", "header length, expected at most the 11 bytes of the file, found 26")]
    public void AMalformedStartIsNamed(string text, string message) =>
        Assert.Equal("a.npy: " + message, Assert.Throws<GraphException>(() => NpyArray.Parse("a.npy", Encoding.Latin1.GetBytes(text))).Message);

    [Fact]
    public void AnUnfinishedFileDoesNotAppear()
    {
        using var folder = new TemporaryFolder();
        using (var writer = new NpyWriter(folder.File("a.npy"), NpyType.I32, [2]))
        {
            writer.Write([1]);
            Assert.Throws<InvalidOperationException>(writer.Commit);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }
}
