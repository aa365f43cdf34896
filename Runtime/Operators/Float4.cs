namespace Graph.Operators;

/// <summary>Four floats side by side: one 16-byte access on a device, which a view's element type alone decides (reference/ilgpu.md 1).</summary>
internal readonly struct Float4(float x, float y, float z, float w)
{
    public readonly float X = x, Y = y, Z = z, W = w;

    public float Sum => X + Y + (Z + W);

    public static Float4 operator +(Float4 a, Float4 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z, a.W + b.W);

    public static Float4 operator -(Float4 a, Float4 b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z, a.W - b.W);

    public static Float4 operator *(Float4 a, Float4 b) => new(a.X * b.X, a.Y * b.Y, a.Z * b.Z, a.W * b.W);

    public static Float4 operator *(float a, Float4 b) => new(a * b.X, a * b.Y, a * b.Z, a * b.W);

    /// <summary>All four the same.</summary>
    public static Float4 Of(float value) => new(value, value, value, value);

    /// <summary>e to each, where no exponent may exceed 0: rounding of a difference must not.</summary>
    public static Float4 Decay(float from, Float4 to) => new(Decay(from - to.X), Decay(from - to.Y), Decay(from - to.Z), Decay(from - to.W));

    /// <summary>exp(min(x, 0)).</summary>
    public static float Decay(float x) => MathF.Exp(x < 0 ? x : 0);

    public static Float4 Exp(Float4 a) => new(MathF.Exp(a.X), MathF.Exp(a.Y), MathF.Exp(a.Z), MathF.Exp(a.W));

    public static float Max(Float4 a) => Max(Max(a.X, a.Y), Max(a.Z, a.W));

    public static Float4 Max(Float4 a, Float4 b) => new(Max(a.X, b.X), Max(a.Y, b.Y), Max(a.Z, b.Z), Max(a.W, b.W));

    private static float Max(float a, float b) => a > b ? a : b;
}
