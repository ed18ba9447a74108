import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.FileReader;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.BufferSupplier;

/**
 * What comes out of compressed bytes when Kafka's own classes read them.
 *
 * <p>Argument: a file with a case a line, as "codec magic hex". Printed is a JSON object a line:
 * how many bytes came out and their SHA-256, or which exception.
 */
public class Decompresses {
    public static void main(String[] arguments) throws Exception {
        ObjectMapper json = new ObjectMapper();
        try (BufferedReader lines = new BufferedReader(new FileReader(arguments[0]))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ", -1);
                System.out.println(json.writeValueAsString(said(words)));
            }
        }
        System.exit(0);
    }

    static Map<String, Object> said(String[] words) throws Exception {
        Map<String, Object> said = new LinkedHashMap<>();
        try {
            byte[] plain = plain(words[0], Byte.parseByte(words[1]), HexFormat.of().parseHex(words[2]));
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(plain);
            said.put("bytes", plain.length);
            said.put("sha256", HexFormat.of().formatHex(digest));
        } catch (Throwable refusal) {
            Throwable cause = refusal.getCause() == null ? refusal : refusal.getCause();
            said.put("refused", cause.getClass().getSimpleName());
        }
        return said;
    }

    /** Read as records are read: byte by byte, up to the first time that there is none. */
    static byte[] plain(String codec, byte magic, byte[] data) throws Exception {
        Compression compression = Compression.of(CompressionType.forName(codec)).build();
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        try (InputStream stream =
                compression.wrapForInput(ByteBuffer.wrap(data), magic, BufferSupplier.NO_CACHING)) {
            for (int next = stream.read(); next != -1; next = stream.read())
                plain.write(next);
        }
        return plain.toByteArray();
    }
}
